/**
 * Prepares a message to be quoted in a reply or forwarded: what the reader saw, and nothing else. Every element that is
 * not seen is taken out, what the styles amounted to is written on the elements, and rules, classes and ids go; so text
 * that shows only once it stands somewhere else ("kobold letters") has nothing left to hide behind. Images keep no address
 * on the web; attached ones keep `cid:`.
 */
import { heldClass, maxTags, namePrefix } from './allowed-html.js';
import { cleanHtml } from './clean-html.js';
import { cleaningRealm } from './cleaning-realm.js';

export interface QuotedMessage {
  /** Elements with plain inline styles, in the realm's document: move them (`adoptNode`), do not serialise and parse. */
  readonly body: HTMLElement;
  readonly attached: ReadonlySet<string>;
}

/** `widthPx` is that of the pane in which it was read, since a style may depend on it. */
export async function quoteHtml(html: string, widthPx: number): Promise<QuotedMessage> {
  const realm = await cleaningRealm();
  const message = cleanHtml(realm, html);
  const { document } = realm;
  const frame = realm.frameElement as HTMLElement;
  const style = document.createElement('style');
  style.textContent = message.css;
  const body = document.adoptNode(message.body);
  const attached = new Set<string>();
  for (const { element, source } of message.attached) {
    if (source.kind !== 'attached') continue;
    attached.add(source.contentId);
    element.setAttribute('src', `cid:${encodeURIComponent(source.contentId)}`);
  }
  frame.style.width = `${widthPx}px`;
  document.head.append(style);
  document.body.append(body);
  try {
    writeSeenStyles(realm, body);
  } finally {
    style.remove();
    body.remove();
  }
  return { body, attached };
}

/** What makes a quote look like the message; layout stays behind. Values that are inherited anyway are not written. */
const carried: readonly { readonly property: string; readonly plain: string | undefined }[] = [
  { property: 'color', plain: undefined },
  { property: 'background-color', plain: 'rgba(0, 0, 0, 0)' },
  { property: 'font-weight', plain: undefined },
  { property: 'font-style', plain: undefined },
  { property: 'font-size', plain: undefined },
  { property: 'font-family', plain: undefined },
  { property: 'text-align', plain: undefined },
  { property: 'text-decoration-line', plain: 'none' },
];

/** Elements whose own meaning the style would only repeat. */
const meaningful = new Set([
  'b',
  'strong',
  'i',
  'em',
  'u',
  'a',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'small',
  'code',
  'pre',
  'th',
  's',
  'del',
]);

function writeSeenStyles(realm: Window & typeof globalThis, body: HTMLElement): void {
  const elements = [...body.querySelectorAll<HTMLElement>('*')].slice(0, maxTags);
  const written: { element: HTMLElement; style: string | undefined }[] = [];
  for (const element of elements) {
    const style = realm.getComputedStyle(element);
    if (isUnseen(element, style, realm)) {
      written.push({ element, style: undefined });
      continue;
    }
    const parent = realm.getComputedStyle(element.parentElement ?? body);
    const kept = carried
      .filter(({ property, plain }) => {
        const value = style.getPropertyValue(property);
        return plain === undefined
          ? value !== parent.getPropertyValue(property) && !meaningful.has(element.localName)
          : value !== plain;
      })
      .map(({ property }) => `${property}: ${style.getPropertyValue(property)};`);
    written.push({ element, style: kept.join(' ') });
  }
  for (const { element, style } of written) {
    if (style === undefined) {
      element.remove();
      continue;
    }
    if (style === '') element.removeAttribute('style');
    else element.setAttribute('style', style);
    element.removeAttribute('class');
    element.removeAttribute('headers');
    element.removeAttribute('id');
    const href = element.getAttribute('href');
    if (href?.startsWith(`#${namePrefix}`)) element.removeAttribute('href');
    element.removeAttribute('target');
  }
  body.removeAttribute('class');
  body.removeAttribute('id');
  body.removeAttribute('style');
}

/** Hidden, too small or too faint to be read, of the colour of its ground, or squeezed to nothing. */
function isUnseen(element: HTMLElement, style: CSSStyleDeclaration, realm: Window & typeof globalThis): boolean {
  if (style.display === 'none' || style.visibility !== 'visible') return true;
  if (Number(style.opacity) < 0.1) return true;
  if (element.localName === 'br' || element.localName === 'hr' || element.localName === 'col') return false;
  if (element.localName === 'img') return !element.hasAttribute('src') || element.classList.contains(heldClass);
  const hasText = (element.textContent ?? '').trim() !== '';
  if (!hasText) return false;
  if (Number.parseFloat(style.fontSize) < 4 && directText(element)) return true;
  if (directText(element) && style.color === groundOf(element, realm)) return true;
  const clips = style.overflowX !== 'visible' || style.overflowY !== 'visible';
  return clips && (element.clientHeight < 2 || element.clientWidth < 2) && style.display !== 'inline';
}

function directText(element: HTMLElement): boolean {
  for (const child of element.childNodes)
    if (child.nodeType === 3 && (child.nodeValue ?? '').trim() !== '') return true;
  return false;
}

function groundOf(element: HTMLElement, realm: Window & typeof globalThis): string {
  for (let at: HTMLElement | null = element; at; at = at.parentElement) {
    const ground = realm.getComputedStyle(at).backgroundColor;
    if (ground !== 'rgba(0, 0, 0, 0)') return ground;
  }
  return 'rgb(255, 255, 255)';
}
