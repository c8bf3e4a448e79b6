/**
 * A rich message as nodes of the page, before and in its editor: its images are named by their Content-ID and have an address
 * of this page only while they are shown.
 */
import { cidOfUrl, cidUrl } from './cid-url.js';

/** Which image of the message an element shows. */
export const cidAttribute = 'data-cid';

/** With `cid:` for the images that belong to the message. */
export function htmlOf(root: HTMLElement): string {
  // In a document that loads nothing: `cid:` is no address here.
  const copy = document.implementation.createHTMLDocument('').importNode(root, true);
  for (const image of copy.querySelectorAll(`img[${cidAttribute}]`)) {
    image.setAttribute('src', cidUrl(image.getAttribute(cidAttribute) ?? ''));
    image.removeAttribute(cidAttribute);
  }
  return withoutMarks(copy.innerHTML);
}

/** The editor holds the place of the cursor with spaces of no width, which are no part of the message. */
export const withoutMarks = (text: string): string => text.replaceAll('\u200b', '');

export function lineOf(text: string): HTMLDivElement {
  const line = document.createElement('div');
  line.append(text === '' ? document.createElement('br') : text);
  return line;
}

/** A quoted message (html/quote-message.ts) as it stands under what is written: `lines` say whose it is. */
export function quotedNodes(lines: readonly string[], body: HTMLElement): readonly HTMLElement[] {
  const quote = document.createElement('blockquote');
  for (const image of body.querySelectorAll('img')) nameImage(image, cidOfUrl(image.getAttribute('src') ?? ''));
  for (const node of body.childNodes) quote.append(document.importNode(node, true));
  return [lineOf(''), ...lines.map(lineOf), quote];
}

export function imageNode(cid: string, address: string, alt: string): HTMLImageElement {
  const image = document.createElement('img');
  image.setAttribute(cidAttribute, cid);
  image.src = address;
  image.alt = alt;
  return image;
}

/** Before it comes to the page, which would try to load what `src` says. */
export function nameImage(image: HTMLImageElement, cid: string | undefined): void {
  image.removeAttribute('src');
  if (cid !== undefined) image.setAttribute(cidAttribute, cid);
}

/** Images that nobody has an address for are taken out. */
export function showImages(inside: ParentNode, address: (cid: string) => string | undefined): void {
  for (const image of inside.querySelectorAll('img')) {
    const url = address(image.getAttribute(cidAttribute) ?? '');
    if (url === undefined) image.remove();
    else image.src = url;
  }
}
