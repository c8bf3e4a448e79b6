/**
 * Finds the addresses in plain text: `https://...`, `www....`, `mailto:...` and mail addresses. One pass over the words,
 * linear in the text; a word longer than any address is only text. What it finds still goes through `readLink`.
 */
export interface TextSegment {
  readonly text: string;
  readonly href?: string;
}

const maxWord = 4_000;

export function linkify(text: string): TextSegment[] {
  const segments: TextSegment[] = [];
  let plainFrom = 0;
  const add = (from: number, to: number, href: string): void => {
    if (from > plainFrom) segments.push({ text: text.slice(plainFrom, from) });
    segments.push({ text: text.slice(from, to), href });
    plainFrom = to;
  };
  for (let at = 0; at < text.length; ) {
    if (separates(text.charCodeAt(at))) {
      at++;
      continue;
    }
    const from = at;
    while (at < text.length && !separates(text.charCodeAt(at))) at++;
    if (at - from <= maxWord) linkInWord(text.slice(from, at), from, add);
  }
  if (plainFrom < text.length) segments.push({ text: text.slice(plainFrom) });
  return segments;
}

/** White space, controls, and what RFC 3986 Appendix C puts around an address. */
function separates(code: number): boolean {
  return (
    code <= 0x20 ||
    code === 0x22 ||
    code === 0x3c ||
    code === 0x3e ||
    code === 0xa0 ||
    (code >= 0x2000 && code <= 0x200b) ||
    code === 0xab ||
    code === 0xbb ||
    code === 0x201c ||
    code === 0x201d ||
    code === 0x7f
  );
}

function linkInWord(word: string, offset: number, add: (from: number, to: number, href: string) => void): void {
  const lower = word.toLowerCase();
  const start = startOfAddress(lower);
  if (start) {
    const end = trimmedEnd(word, start.at);
    const found = word.slice(start.at, end);
    if (found.length > start.prefix.length) add(offset + start.at, offset + end, start.scheme + found);
    return;
  }
  const at = lower.indexOf('@');
  if (at > 0 && at === lower.lastIndexOf('@')) {
    let from = at;
    while (from > 0 && isLocalPart(word.charCodeAt(from - 1))) from--;
    let to = at + 1;
    while (to < word.length && isDomain(word.charCodeAt(to))) to++;
    while (to > at && (word[to - 1] === '.' || word[to - 1] === '-')) to--;
    const domain = word.slice(at + 1, to);
    if (from < at && domain.includes('.')) add(offset + from, offset + to, `mailto:${encodeURI(word.slice(from, to))}`);
  }
}

function startOfAddress(lower: string): { at: number; prefix: string; scheme: string } | undefined {
  for (const prefix of ['https://', 'http://', 'mailto:']) {
    const at = lower.indexOf(prefix);
    if (at >= 0 && (at === 0 || !isLetter(lower.charCodeAt(at - 1)))) return { at, prefix, scheme: '' };
  }
  const at = lower.indexOf('www.');
  if (at >= 0 && (at === 0 || !isLetter(lower.charCodeAt(at - 1))) && lower.indexOf('.', at + 4) > 0) {
    return { at, prefix: 'www.', scheme: 'https://' };
  }
  return undefined;
}

/** The end of a sentence is not part of the address, nor is a bracket that was opened before it. */
function trimmedEnd(word: string, from: number): number {
  let open = 0;
  let close = 0;
  for (let at = from; at < word.length; at++) {
    if (word[at] === '(') open++;
    else if (word[at] === ')') close++;
  }
  let end = word.length;
  for (; end > from; end--) {
    const c = word[end - 1]!;
    if (c === ')') {
      if (close <= open) break;
      close--;
    } else if (!".,;:!?'*_]}’…".includes(c)) {
      break;
    }
  }
  return end;
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

/** RFC 5322 3.2.3 atext and the dot, and beyond ASCII (RFC 6532). */
function isLocalPart(code: number): boolean {
  return isDomain(code) || "!#$%&'*+/=?^_`{|}~".includes(String.fromCharCode(code));
}

function isDomain(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x2d ||
    code === 0x2e ||
    code > 0xbf
  );
}
