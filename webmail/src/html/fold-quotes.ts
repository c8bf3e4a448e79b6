/**
 * Folds what a reply repeats of the messages before it, when it stands at the end and nothing of the sender's own follows.
 * The frame runs no script, so the fold is a `details` element that the browser opens by itself.
 */
import { namePrefix } from './allowed-html.js';

/** How the usual programs mark the quoted part; classes and ids as the cleaner left them. */
const quoteMarks = [
  'blockquote[type="cite"]',
  `.${namePrefix}gmail_quote`,
  `.${namePrefix}gmail_quote_container`,
  `#${namePrefix}divRplyFwdMsg`,
  `#${namePrefix}appendonsend`,
  `.${namePrefix}moz-cite-prefix`,
  `.${namePrefix}yahoo_quoted`,
  `.${namePrefix}protonmail_quote`,
  `.${namePrefix}zmail_extra`,
  `#${namePrefix}isForwardContent`,
  'blockquote',
].join(', ');

/** True if something was folded. */
export function foldTrailingQuote(body: HTMLElement, words: string): boolean {
  for (const mark of body.querySelectorAll<HTMLElement>(quoteMarks)) {
    const parts = trailingParts(mark, body);
    if (!parts) continue;
    if (!hasTextBefore(parts[0]!, body)) return false; // a message that only quotes or forwards is shown whole
    const owner = body.ownerDocument;
    const details = owner.createElement('details');
    details.className = 'vm-quote';
    const summary = owner.createElement('summary');
    summary.textContent = words;
    details.append(summary);
    parts[0]!.before(details);
    details.append(...parts);
    return true;
  }
  return false;
}

/** The mark and its later siblings, if nothing follows them anywhere below the body that is not quoted itself. */
function trailingParts(mark: HTMLElement, body: HTMLElement): ChildNode[] | undefined {
  const parts: ChildNode[] = [mark];
  const introduces =
    mark.id.endsWith('divRplyFwdMsg') || mark.id.endsWith('appendonsend') || mark.className.includes('moz-cite-prefix');
  for (let next = mark.nextSibling; next; next = next.nextSibling) {
    // Outlook and Thunderbird mark the line before the quote: what follows is the quote.
    const quoted = introduces || (next as Element).matches?.(quoteMarks);
    if (!quoted && hasContent(next)) return undefined;
    parts.push(next);
  }
  for (let at = mark.parentElement; at && at !== body; at = at.parentElement) {
    for (let next = at.nextSibling; next; next = next.nextSibling) if (hasContent(next)) return undefined;
  }
  return parts;
}

function hasContent(node: Node): boolean {
  if ((node.textContent ?? '').trim() !== '') return true;
  return (
    node.nodeType === 1 && ((node as Element).localName === 'img' || (node as Element).querySelector('img') !== null)
  );
}

function hasTextBefore(node: Node, body: HTMLElement): boolean {
  for (let at: Node = node; at !== body && at.parentNode; at = at.parentNode) {
    for (let before = at.previousSibling; before; before = before.previousSibling) if (hasContent(before)) return true;
  }
  return false;
}
