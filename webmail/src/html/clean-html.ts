/**
 * Turns the HTML of a message into nodes that may be shown: a string in, nodes out, never a string that is parsed again. What
 * is allowed is copied (copy-allowed.ts); then every name is prefixed, every style rewritten (clean-css.ts), every link
 * read (links.ts), and every image held back: none has a `src` until the caller gives it one.
 *
 * Guarantees that no node it returns can run, load, or name anything of ours. Input past the limits is cut, and said so.
 */
import { affordableLength } from './affordable-html.js';
import { bodyClass, heldClass, maxClasses, maxImages, namePrefix } from './allowed-html.js';
import { cleanDeclarations, cleanStyleSheets } from './clean-css.js';
import type { CleaningRealm } from './cleaning-realm.js';
import { type ColourUse, colourUse } from './colour-use.js';
import { copyAllowed } from './copy-allowed.js';
import { type ImageSource, imageSource, trackerReason } from './image-source.js';
import { readLink } from './links.js';

export interface HeldImage {
  readonly element: HTMLImageElement;
  readonly source: ImageSource;
}

export interface CleanMessage {
  /** One element, the message's body. It belongs to the realm's document until it is shown. */
  readonly body: HTMLElement;
  readonly css: string;
  readonly language: string | undefined;
  /** On the web, and wait for consent. */
  readonly remote: readonly HeldImage[];
  /** Attached to the message. */
  readonly attached: readonly HeldImage[];
  /** Hosts that would have learnt that the message was opened; their images never load. */
  readonly trackers: readonly string[];
  readonly colours: ColourUse;
  /** It was longer than what is shown. */
  readonly cut: boolean;
}

export function cleanHtml(realm: CleaningRealm, html: string): CleanMessage {
  const length = affordableLength(html);
  const { body, sheets } = copyAllowed(realm, html.slice(0, length));
  const css = cleanStyleSheets(realm, sheets);
  const found = { remote: [] as HeldImage[], attached: [] as HeldImage[], trackers: [] as string[] };
  const styles = new Map<string, string>();
  const language = body.lang || undefined;
  // Mail written from the right to the left does not always say so.
  if (body.dir === '') body.dir = 'auto';
  for (const element of [body, ...body.querySelectorAll<HTMLElement>('*')]) {
    cleanNames(element);
    cleanStyle(element, styles);
    if (element.localName === 'a') cleanLink(element as HTMLAnchorElement);
    else if (element.localName === 'img') holdImage(element as HTMLImageElement, found);
  }
  body.className = body.className === '' ? bodyClass : `${bodyClass} ${body.className}`;
  return { body, css, language, ...found, colours: colourUse(body, css), cut: length < html.length };
}

function cleanNames(element: HTMLElement): void {
  const id = element.getAttribute('id');
  if (id !== null) {
    if (isName(id)) element.setAttribute('id', namePrefix + id);
    else element.removeAttribute('id');
  }
  const classes = element.getAttribute('class');
  if (classes !== null) {
    const kept = classes.split(/\s+/, maxClasses).filter(isName);
    if (kept.length > 0) element.setAttribute('class', kept.map((one) => namePrefix + one).join(' '));
    else element.removeAttribute('class');
  }
  const headers = element.getAttribute('headers');
  if (headers !== null) {
    const kept = headers.split(/\s+/, maxClasses).filter(isName);
    element.setAttribute('headers', kept.map((one) => namePrefix + one).join(' '));
  }
}

function isName(text: string): boolean {
  return text.length <= 100 && /^[\w-]+$/.test(text);
}

/** The same few styles stand on hundreds of cells: each is cleaned once. */
function cleanStyle(element: HTMLElement, known: Map<string, string>): void {
  const given = element.getAttribute('style');
  if (given === null) return;
  const kept = known.get(given) ?? cleanDeclarations(element.style);
  known.set(given, kept);
  if (kept === '') element.removeAttribute('style');
  else element.setAttribute('style', kept);
}

function cleanLink(anchor: HTMLAnchorElement): void {
  const href = anchor.getAttribute('href');
  if (href === null) return;
  if (href.startsWith('#')) {
    const name = href.slice(1);
    // The frame's address is ours, so a fragment stays in the frame.
    if (isName(name)) anchor.setAttribute('href', `#${namePrefix}${name}`);
    else anchor.removeAttribute('href');
    return;
  }
  const link = readLink(href, '');
  if (!link) {
    anchor.removeAttribute('href');
    return;
  }
  anchor.setAttribute('href', link.href);
  anchor.setAttribute('target', '_blank');
  anchor.setAttribute('rel', 'noopener noreferrer nofollow');
}

function holdImage(
  image: HTMLImageElement,
  found: { remote: HeldImage[]; attached: HeldImage[]; trackers: string[] },
): void {
  const source = imageSource(image.getAttribute('src') ?? '');
  image.removeAttribute('src');
  if (!source || found.remote.length + found.attached.length >= maxImages) return;
  if (source.kind === 'inside') {
    image.setAttribute('src', source.url);
  } else if (source.kind === 'attached') {
    found.attached.push({ element: image, source });
  } else if (trackerReason(image, source.url)) {
    found.trackers.push(source.url.hostname);
    image.remove();
  } else {
    holdPlace(image);
    found.remote.push({ element: image, source });
  }
}

/** One transparent point. */
const emptyImage = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

/** An image whose size is known keeps its place, so that nothing jumps when it comes; another is its text until then. */
function holdPlace(image: HTMLImageElement): void {
  const side = (property: 'width' | 'height'): number | undefined => {
    const said = image.style[property].endsWith('px') ? image.style[property] : (image.getAttribute(property) ?? '');
    return /^\d{1,4}(?:px)?$/.test(said) ? Number.parseInt(said, 10) : undefined;
  };
  const [width, height] = [side('width'), side('height')];
  if (!width || !height) return;
  image.src = emptyImage;
  image.classList.add(heldClass);
  // A pane that is too narrow scales it down; the empty image itself is square.
  image.style.aspectRatio = `${width} / ${height}`;
  if (image.alt !== '' && image.title === '') image.title = image.alt;
}
