/**
 * The text of a rich message before its editor has come: plain lines that can be typed into at once, and that the editor
 * takes over as they stand, the cursor with them. Nothing typed in between is lost.
 */
import type { BodySource } from './body-source.js';
import { textOfHtml } from './text-of-html.js';

export interface EarlyText extends BodySource {
  focus(): void;
  close(): void;
}

export function openEarlyText(root: HTMLElement, text: string, onchange: () => void): EarlyText {
  root.replaceChildren(...text.split('\n').map(lineOf));
  root.addEventListener('input', onchange);
  root.addEventListener('beforeinput', takePlain);
  return {
    html: () => root.innerHTML,
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

export function lineOf(text: string): HTMLDivElement {
  const line = document.createElement('div');
  line.append(text === '' ? document.createElement('br') : text);
  return line;
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
