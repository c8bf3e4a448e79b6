/**
 * Marks searched words in a message that is shown, without touching its nodes (CSS Custom Highlight API): ranges beside the text,
 * in the page or in the frame the text lies in. Where a browser has no such thing nothing is marked.
 */
import { highlight } from '../model/highlight.js';

const name = 'found';
const mostHits = 500;
/** Letters looked through: a log of megabytes shall not hold up the page. */
const mostLetters = 500_000;

/** What takes the marks away again. */
export function markFound(root: Element, words: readonly string[]): () => void {
  const view = root.ownerDocument.defaultView as (Window & typeof globalThis) | null;
  if (words.length === 0 || view === null || !('highlights' in view.CSS)) return () => {};
  const ranges = rangesOf(root, words);
  if (ranges.length === 0) return () => {};
  const { highlights } = view.CSS;
  const marked = highlights.get(name) ?? new view.Highlight();
  for (const range of ranges) marked.add(range);
  highlights.set(name, marked);
  return () => {
    for (const range of ranges) marked.delete(range);
  };
}

function rangesOf(root: Element, words: readonly string[]): readonly Range[] {
  const document = root.ownerDocument;
  const walker = document.createTreeWalker(root, 4 /* text */);
  const ranges: Range[] = [];
  let letters = 0;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.nodeValue ?? '';
    letters += text.length;
    if (letters > mostLetters) break;
    let at = 0;
    for (const { text: stretch, hit } of highlight(text, words)) {
      if (hit) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + stretch.length);
        ranges.push(range);
        if (ranges.length >= mostHits) return ranges;
      }
      at += stretch.length;
    }
  }
  return ranges;
}
