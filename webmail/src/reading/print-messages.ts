/**
 * Prints messages: their headers and cleaned bodies in one document of their own, the constant empty page in a hidden frame.
 * Each body lies in a shadow tree, so that its styles stay its own. Black on white, whatever the theme.
 */
import { cleanHtml } from '../html/clean-html.js';
import { cleaningRealm, frameSandbox, loadShell } from '../html/cleaning-realm.js';
import { frameStyle, sheetOfPage, whitePaper } from '../html/frame-style.js';

export interface PrintedMessage {
  /** Label and value, in the reader's language. */
  readonly headers: readonly (readonly [string, string])[];
  readonly parts: readonly { readonly kind: 'html' | 'text'; readonly value: string }[];
  readonly files: readonly string[];
  /** Attached images, by Content-ID. */
  readonly images: ReadonlyMap<string, string>;
}

const sheet = `
@page { margin: 15mm; }
body { margin: 0; color: #000; background: #fff; font: 11pt/1.45 system-ui, sans-serif; }
h1 { margin: 0 0 6mm; font-size: 16pt; line-height: 1.25; }
article + article { margin-top: 8mm; padding-top: 6mm; border-top: 0.5pt solid #999; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.5mm 4mm; margin: 0 0 5mm; font-size: 9.5pt; break-inside: avoid; }
dt { color: #444; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
.files { margin-top: 5mm; font-size: 9.5pt; color: #444; }
`;

/** Resolves when the browser's dialogue has been closed. */
export async function printMessages(
  title: string,
  language: string,
  messages: readonly PrintedMessage[],
): Promise<void> {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', `${frameSandbox} allow-modals`);
  frame.setAttribute('aria-hidden', 'true');
  Object.assign(frame.style, { position: 'fixed', left: '-10000px', width: '800px', height: '600px', border: '0' });
  try {
    const realm = await loadShell(frame, () => document.body.append(frame));
    const inside = realm.document;
    inside.title = title;
    inside.documentElement.lang = language;
    const style = inside.createElement('style');
    style.textContent = sheet;
    inside.head.append(style);
    const heading = inside.createElement('h1');
    heading.textContent = title;
    inside.body.append(heading);
    const cleaner = await cleaningRealm();
    for (const message of messages) inside.body.append(article(inside, cleaner, message));
    await Promise.all([...inside.images].map((image) => image.decode().catch(() => {})));
    realm.focus();
    realm.print();
  } finally {
    frame.remove();
  }
}

function article(inside: Document, cleaner: Window & typeof globalThis, message: PrintedMessage): HTMLElement {
  const element = inside.createElement('article');
  const list = inside.createElement('dl');
  for (const [label, value] of message.headers) {
    const term = inside.createElement('dt');
    term.textContent = label;
    const definition = inside.createElement('dd');
    definition.textContent = value;
    list.append(term, definition);
  }
  element.append(list);
  for (const { kind, value } of message.parts) {
    if (kind === 'text') {
      const text = inside.createElement('pre');
      text.textContent = value;
      element.append(text);
      continue;
    }
    const clean = cleanHtml(cleaner, value);
    for (const { element: image, source } of clean.attached) {
      const address = source.kind === 'attached' ? message.images.get(source.contentId) : undefined;
      if (address) image.src = address;
    }
    const host = inside.createElement('div');
    const shadow = host.attachShadow({ mode: 'open' });
    const base = inside.createElement('style');
    base.textContent = frameStyle({ ...whitePaper(sheetOfPage()), sizePx: 14 });
    const own = inside.createElement('style');
    own.textContent = clean.css;
    shadow.append(base, own, inside.adoptNode(clean.body));
    element.append(host);
  }
  if (message.files.length > 0) {
    const files = inside.createElement('p');
    files.className = 'files';
    files.textContent = message.files.join(' · ');
    element.append(files);
  }
  return element;
}
