/**
 * How much of an HTML text can be parsed and cleaned without holding up the page. A browser's parser takes time that grows
 * with the square of the elements that stand open (20,000 times `<b>`: seconds), so a text is cut where too many do, or
 * where it has too many tags, or is too long. One pass; what ordinary mail never does is enough to know.
 */
import { maxHtmlLength, maxOpenTags, maxTags } from './allowed-html.js';

/** Elements that have no end, or whose end is usually left out (HTML 13.1.2.4): they do not stay open. */
const endless: ReadonlySet<string> = new Set(
  'area base br col embed hr img input link meta param source track wbr p li td th tr dt dd tbody thead tfoot colgroup caption option optgroup rt rp html head body'.split(
    ' ',
  ),
);

export function affordableLength(html: string): number {
  const limit = Math.min(html.length, maxHtmlLength);
  const open = new Map<string, number>();
  let standing = 0;
  let tags = 0;
  for (let at = html.indexOf('<'); at >= 0 && at < limit; at = html.indexOf('<', at + 1)) {
    if (++tags > maxTags) return at;
    const ends = html[at + 1] === '/';
    const name = tagName(html, ends ? at + 2 : at + 1);
    if (name === '' || endless.has(name)) continue;
    const count = open.get(name) ?? 0;
    if (ends) {
      if (count === 0) continue;
      open.set(name, count - 1);
      standing--;
    } else {
      open.set(name, count + 1);
      if (++standing > maxOpenTags) return at;
    }
  }
  return limit;
}

const maxName = 20;

function tagName(html: string, from: number): string {
  let at = from;
  while (at < html.length && at - from < maxName && isNamePart(html.charCodeAt(at))) at++;
  return html.slice(from, at).toLowerCase();
}

function isNamePart(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x3a
  );
}
