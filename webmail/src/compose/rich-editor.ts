/**
 * The editor of rich text: Squire, which keeps the HTML of others when it is quoted. Everything that enters it, by paste,
 * from a draft or by undo, is cleaned in the realm of messages first and copied from there node by node: the page's policy
 * allows no parsing of strings, and a copied node keeps its styles where a parsed one would lose them.
 */
import Squire from 'squire-rte';
import { cleanHtml } from '../html/clean-html.js';
import { type CleaningRealm, cleaningRealm } from '../html/cleaning-realm.js';
import { liftText, replaceLinesIn } from './early-text.js';
import { cidAttribute, htmlOf, nameImage, showImages, withoutMarks } from './message-nodes.js';
import { textOfHtml } from './text-of-html.js';

export type Format = 'bold' | 'italic' | 'underline' | 'bullets' | 'numbers' | 'quote' | 'link';

export interface RichEditorEvents {
  readonly onchange: () => void;
  /** Formats where the cursor is. */
  readonly onformat: (formats: ReadonlySet<Format>) => void;
  readonly onimages: (files: readonly File[]) => void;
  /** The image that is chosen; undefined when none is. */
  readonly onimage: (image: EditedImage | undefined) => void;
}

export interface EditedImage {
  alt(): string;
  describe(alt: string): void;
  /** undefined: as wide as it is. */
  width(): number | undefined;
  resize(width: number | undefined): void;
  remove(): void;
}

export interface RichEditor {
  /** With `cid:` for the images that belong to the message. */
  html(): string;
  text(): string;
  /** The images that a draft brings need their addresses: `address` gives them by Content-ID. */
  setHtml(html: string, address: (cid: string) => string | undefined): void;
  replaceLines(old: readonly string[], by: readonly string[]): void;
  insertImage(cid: string, address: string, alt: string): void;
  /** Bold and so on switch; `link` needs an address, or takes the link away. */
  toggle(format: Format, href?: string): void;
  focus(where?: 'start' | 'end'): void;
  destroy(): void;
}

const maxImageWidth = 560;
/** Steps back; each keeps the whole message. */
const maxUndo = 100;

/** Goes on with the plain lines that stand in `root`, whatever was typed there before (early-text.ts). */
export async function openRichEditor(root: HTMLElement, events: RichEditorEvents): Promise<RichEditor> {
  const realm = await cleaningRealm();
  const early = liftText(root);
  const squire = new TrustedSquire(root, {
    blockTag: 'DIV',
    undo: { documentSizeThreshold: -1, undoLimit: maxUndo },
    sanitizeToDOMFragment: (html) => cleanFragment(realm, html),
    toPlainText: null,
    didError: () => undefined,
  });
  squire.setFragment(early.text);
  if (early.cursor) {
    squire.setSelection(early.cursor());
    // It was not there yet when the focus came.
    squire.fireEvent('focus');
  }
  // Its own handles on images want inline styles, which the page's policy forbids, and stand among what is sent.
  squire._imageResizer.destroy();
  squire.addEventListener('input', events.onchange);
  squire.addEventListener('pathChange', () => events.onformat(formatsAt(squire)));
  squire.addEventListener('select', () => tellImage(imageIn(squire.getSelection())));
  squire.addEventListener('cursor', () => tellImage(undefined));
  root.addEventListener('click', ({ target }) => {
    if (!(target instanceof HTMLImageElement)) return;
    const range = document.createRange();
    range.selectNode(target);
    squire.setSelection(range);
    tellImage(target);
  });
  squire.addEventListener('pasteImage', (event) => {
    const { clipboardData } = (event as CustomEvent<{ clipboardData: DataTransfer }>).detail;
    events.onimages([...clipboardData.files]);
  });

  let told: HTMLImageElement | undefined;
  function tellImage(image: HTMLImageElement | undefined): void {
    if (image === told) return;
    told = image;
    events.onimage(image && editedImage(image));
  }
  function editedImage(image: HTMLImageElement): EditedImage {
    const change = (act: () => void): void => {
      squire.saveUndoState();
      act();
      events.onchange();
    };
    return {
      alt: () => image.alt,
      describe: (alt) => change(() => image.setAttribute('alt', alt)),
      width: () => (image.hasAttribute('width') ? image.width : undefined),
      resize: (width) =>
        change(() =>
          width === undefined ? image.removeAttribute('width') : image.setAttribute('width', String(width)),
        ),
      remove: () => {
        change(() => image.remove());
        tellImage(undefined);
      },
    };
  }

  return {
    html: () => htmlOf(root),
    text: () => withoutMarks(textOfHtml(root)),
    setHtml(html, address) {
      const fragment = cleanFragment(realm, html);
      showImages(fragment, address);
      squire.setFragment(fragment);
    },
    replaceLines(old, by) {
      if (!replaceLinesIn(root, old, by)) return;
      squire.saveUndoState();
      events.onchange();
    },
    insertImage(cid, address, alt) {
      const image = squire.insertImage(address, { alt, [cidAttribute]: cid });
      image.style.maxWidth = `min(100%, ${maxImageWidth}px)`;
    },
    toggle: (format, href) => toggleFormat(squire, format, href),
    focus(where) {
      squire.focus();
      if (where === 'start') squire.moveCursorToStart();
      if (where === 'end') squire.moveCursorToEnd();
    },
    destroy: () => squire.destroy(),
  };
}

/** The image that is all of what is selected. */
function imageIn(range: Range): HTMLImageElement | undefined {
  const { startContainer, startOffset, endContainer, endOffset } = range;
  if (startContainer !== endContainer || endOffset !== startOffset + 1) return undefined;
  const node = startContainer.childNodes[startOffset];
  return node instanceof HTMLImageElement ? node : undefined;
}

/**
 * Undo puts back what stood there before. Squire keeps that as a string and parses it; here the nodes are kept beside the
 * string, so that nothing is parsed and the cursor's marks, which the cleaner would take, come back with them.
 */
class TrustedSquire extends Squire {
  override _getRawHTML(): string {
    const html = super._getRawHTML();
    const steps = stepsOf(this);
    steps.delete(html);
    steps.set(html, copyOf(this._root));
    const [oldest] = steps.keys();
    if (steps.size > maxUndo + 1 && oldest !== undefined) steps.delete(oldest);
    return html;
  }

  override _setRawHTML(html: string): this {
    const kept = stepsOf(this).get(html);
    this._root.replaceChildren(kept ? copyOf(kept) : this._config.sanitizeToDOMFragment(html, this));
    this._ignoreChange = true;
    return this;
  }

  setFragment(fragment: DocumentFragment): void {
    this._root.replaceChildren(fragment);
    if (this._root.childNodes.length === 0) this._root.append(this.createDefaultBlock());
    this.saveUndoState();
  }
}

/** Not a field of the class: Squire's constructor keeps the first step before fields of a subclass are there. */
const allSteps = new WeakMap<Squire, Map<string, DocumentFragment>>();

function stepsOf(squire: Squire): Map<string, DocumentFragment> {
  const known = allSteps.get(squire) ?? new Map<string, DocumentFragment>();
  allSteps.set(squire, known);
  return known;
}

function copyOf(parent: ParentNode & Node): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const node of parent.childNodes) fragment.append(node.cloneNode(true));
  return fragment;
}

function cleanFragment(realm: CleaningRealm, html: string): DocumentFragment {
  const { body, attached } = cleanHtml(realm, html);
  for (const { element, source } of attached) {
    nameImage(element, source.kind === 'attached' ? source.contentId : undefined);
  }
  const fragment = document.createDocumentFragment();
  for (const node of body.childNodes) fragment.append(document.importNode(node, true));
  return fragment;
}

const tags: Readonly<Record<Format, string>> = {
  bold: 'B',
  italic: 'I',
  underline: 'U',
  bullets: 'UL',
  numbers: 'OL',
  quote: 'BLOCKQUOTE',
  link: 'A',
};

function formatsAt(squire: Squire): ReadonlySet<Format> {
  const formats = Object.keys(tags) as Format[];
  return new Set(formats.filter((format) => squire.hasFormat(tags[format])));
}

function toggleFormat(squire: Squire, format: Format, href: string | undefined): void {
  const on = squire.hasFormat(tags[format]);
  switch (format) {
    case 'bold':
      return void (on ? squire.removeBold() : squire.bold());
    case 'italic':
      return void (on ? squire.removeItalic() : squire.italic());
    case 'underline':
      return void (on ? squire.removeUnderline() : squire.underline());
    case 'bullets':
      return void (on ? squire.removeList() : squire.makeUnorderedList());
    case 'numbers':
      return void (on ? squire.removeList() : squire.makeOrderedList());
    case 'quote':
      return void (on ? squire.decreaseQuoteLevel() : squire.increaseQuoteLevel());
    case 'link':
      return void (href === undefined ? squire.removeLink() : squire.makeLink(href));
  }
}
