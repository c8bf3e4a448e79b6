/**
 * The text of a rich message before its editor has come: plain lines that can be typed into at once, and that the editor
 * takes over as they stand, the cursor with them. Nothing typed in between is lost.
 */
import type { BodySource } from './body-source.js';
import { htmlOf, lineOf } from './message-nodes.js';
import { textOfHtml } from './text-of-html.js';

export interface EarlyText extends BodySource {
  focus(): void;
  close(): void;
}

export interface EarlyEvents {
  readonly onchange: () => void;
  /** Images that were pasted become files of the message; what comes back is shown where the cursor is. */
  readonly onimages: (files: readonly File[]) => readonly HTMLImageElement[];
}

/** `under` stands below what is written: the message that is quoted. Without it a reply that is sent at once would lose it. */
export function openEarlyText(
  root: HTMLElement,
  text: string,
  under: readonly HTMLElement[],
  { onchange, onimages }: EarlyEvents,
): EarlyText {
  root.replaceChildren(...text.split('\n').map(lineOf), ...under);
  function onpaste(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'));
    const at = getSelection();
    if (files.length === 0 || !at?.rangeCount || !root.contains(at.anchorNode)) return;
    event.preventDefault();
    const range = at.getRangeAt(0);
    range.deleteContents();
    for (const image of onimages(files)) {
      range.insertNode(image);
      range.collapse(false);
    }
    onchange();
  }
  root.addEventListener('input', onchange);
  root.addEventListener('beforeinput', takePlain);
  root.addEventListener('paste', onpaste);
  return {
    html: () => htmlOf(root),
    text: () => textOfHtml(root),
    replaceLines(old, by) {
      if (replaceLinesIn(root, old, by)) onchange();
    },
    focus() {
      root.focus();
      getSelection()?.collapse(root.firstElementChild, 0);
    },
    close() {
      root.removeEventListener('input', onchange);
      root.removeEventListener('beforeinput', takePlain);
      root.removeEventListener('paste', onpaste);
    },
  };
}

/** What is pasted or dropped comes in as plain text: nothing cleans it yet. */
function takePlain(event: InputEvent): void {
  if (event.dataTransfer === null) return;
  event.preventDefault();
  const text = event.dataTransfer.getData('text/plain');
  if (text !== '') document.execCommand('insertText', false, text);
}

/** The first place where `old` stands, a line an element; false: nowhere. */
export function replaceLinesIn(root: HTMLElement, old: readonly string[], by: readonly string[]): boolean {
  const all = [...root.children];
  const first = all.findIndex((_, at) => old.every((line, i) => all[at + i]?.textContent.trim() === line.trim()));
  if (first < 0) return false;
  all[first]!.before(...by.map(lineOf));
  for (let i = 0; i < old.length; i++) all[first + i]!.remove();
  return true;
}

export interface LiftedText {
  readonly text: DocumentFragment;
  /** Where the cursor was among these nodes; a range made before they are back would follow them out. */
  readonly cursor: (() => Range) | undefined;
}

/** What stands in `root` is taken out, to be put back with the cursor where it was. */
export function liftText(root: HTMLElement): LiftedText {
  const selection = getSelection();
  const at = selection?.rangeCount && root.contains(selection.anchorNode) ? selection.getRangeAt(0) : undefined;
  const ends = at && at.startContainer !== root && at.endContainer !== root ? new StaticRange(at) : undefined;
  const text = document.createDocumentFragment();
  text.append(...root.childNodes);
  const cursor = (): Range => {
    const range = document.createRange();
    if (ends) range.setStart(ends.startContainer, ends.startOffset);
    if (ends) range.setEnd(ends.endContainer, ends.endOffset);
    return range;
  };
  return { text, cursor: ends && cursor };
}
