/**
 * Makes of the HTML of a message a tree that holds nothing but what is allowed, by copying: the browser's own parser reads the
 * text in the cleaning realm, into a document that runs and loads nothing, and each element whose name is on the list is made
 * anew in another such document, with the attributes that are on the list. Nothing is taken out of what was parsed, so there
 * is nothing that taking out could miss; nothing is written out and parsed again, so no second reading can differ; and the
 * copy has neither SVG, MathML, templates nor elements whose content is raw text, in which mutations live.
 *
 * What is not on the list gives way to its content, unless its content is not for reading.
 */
import { allowedAttributes, allowedTags, maxDepth, unreadTags } from './allowed-html.js';
import type { CleaningRealm } from './cleaning-realm.js';

export interface CopiedHtml {
  /** Stands for the message's body, with its attributes. Belongs to a document that loads nothing. */
  readonly body: HTMLElement;
  /** Its style sheets, in order. */
  readonly sheets: readonly string[];
}

const htmlNamespace = 'http://www.w3.org/1999/xhtml';
const [elementNode, textNode] = [1, 3];

export function copyAllowed(realm: CleaningRealm, html: string): CopiedHtml {
  const parsed = new realm.DOMParser().parseFromString(html, 'text/html');
  const owner = realm.document.implementation.createHTMLDocument('');
  const body = owner.createElement('div');
  const sheets: string[] = [];
  // By the getters of the prototype: a form with a field called `firstChild` would answer with that (DOM clobbering).
  const next = (node: Node, which: 'firstChild' | 'nextSibling'): Node | null =>
    Reflect.get(realm.Node.prototype, which, node) as Node | null;

  function copyChildren(from: Node, to: Node, depth: number): void {
    for (let child = next(from, 'firstChild'); child; child = next(child, 'nextSibling')) {
      const type = Reflect.get(realm.Node.prototype, 'nodeType', child) as number;
      if (type === textNode) to.appendChild(owner.createTextNode((child as Text).data));
      else if (type === elementNode && depth < maxDepth) copyElement(child as Element, to, depth + 1);
    }
  }

  function copyElement(element: Element, to: Node, depth: number): void {
    if (element instanceof realm.HTMLFormElement) {
      copyChildren(element, to, depth);
      return;
    }
    const { localName } = element;
    if (element.namespaceURI !== htmlNamespace) return;
    if (localName === 'style') sheets.push(sheetOf(element));
    if (localName === 'head') for (const style of element.querySelectorAll('style')) sheets.push(sheetOf(style));
    if (unreadTags.has(localName)) return;
    if (localName === 'body' || localName === 'html') {
      copyAttributes(element, body);
      copyChildren(element, body, depth);
    } else if (allowedTags.has(localName)) {
      const copy = owner.createElement(localName);
      copyAttributes(element, copy);
      to.appendChild(copy);
      copyChildren(element, copy, depth);
    } else {
      copyChildren(element, to, depth);
    }
  }

  copyChildren(parsed, body, 0);
  return { body, sheets };
}

function copyAttributes(from: Element, to: HTMLElement): void {
  for (const { name, value } of from.attributes) {
    // Addresses only where something reads them again: clean-html.ts does, of links and images.
    const isAddress = name === 'href' || name === 'src';
    if (isAddress ? from.localName === (name === 'href' ? 'a' : 'img') : allowedAttributes.has(name))
      to.setAttribute(name, value);
  }
}

/** With the medium it is for, as a rule that clean-css.ts judges like any other. */
function sheetOf(style: Element): string {
  const text = style.textContent ?? '';
  const media = (style.getAttribute('media') ?? '').trim().toLowerCase();
  return media === '' || media === 'all' || media === 'screen' ? text : `@media ${media} {${text}}`;
}
