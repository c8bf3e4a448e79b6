/**
 * The search rules: how text and needles are folded before they are compared as substrings. Applied to single code points,
 * so that folding does not depend on where a text was cut:
 *
 * 1. NFKD (ligatures, full-width forms, superscripts come apart), then lower case.
 * 2. Combining diacritics (U+0300-036F and the later blocks) are dropped: `été` is `ete`. Vowel signs and voicing marks of
 *    other scripts stay.
 * 3. Letters that NFKD leaves whole: ß ss, æ ae, œ oe, ø o, đ ð d, ł l, þ th, ı i, ħ h, ŧ t, ς σ.
 * 4. Typographic apostrophes, quotes and dashes become ' " -. Soft hyphens and zero-width characters are dropped.
 * 5. A run of white space, line ends too, is one space.
 *
 * The result is UTF-8. Between fields and parts stands one octet 0, which no needle matches.
 */
const outputBytes = 4 * 1024;
const space = 32;

/** Octets of folded text; only valid during the call. */
export type FoldedSink = (octets: Uint8Array) => void;

export interface TextFolder {
  push(text: string): void;
  /** What follows does not continue what came before. */
  separate(): void;
  /** Hands on what is still in the buffer. */
  flush(): void;
  /** Flushes and gives the buffer back: the last call. */
  close(): void;
}

/** Buffers of folders that are done. */
const spareBuffers: Uint8Array[] = [];
const maxSpareBuffers = 16;

export function createTextFolder(sink: FoldedSink): TextFolder {
  const out = spareBuffers.pop() ?? new Uint8Array(outputBytes);
  let length = 0;
  let afterSpace = true;
  let highSurrogate = 0;

  const flush = (): void => {
    if (length === 0) return;
    sink(out.subarray(0, length));
    length = 0;
  };
  const codePoint = (value: number): void => {
    const octets = foldedCodePoint(value);
    if (length + octets.length > outputBytes) flush();
    for (let i = 0; i < octets.length; i++) {
      const octet = octets[i]!;
      if (octet === space) {
        if (afterSpace) continue;
        afterSpace = true;
      } else afterSpace = false;
      out[length++] = octet;
    }
  };
  /** The plain way: folds ASCII from `from` on, as far as it goes. */
  const pushAscii = (text: string, from: number): number => {
    const end = text.length;
    let to = length;
    let wasSpace = afterSpace;
    let i = from;
    for (; i < end; i++) {
      const c = text.charCodeAt(i);
      if (c > 127) break;
      const octet = asciiFold[c]!;
      if (octet === space) {
        if (wasSpace) continue;
        wasSpace = true;
      } else wasSpace = false;
      if (to === outputBytes) {
        length = to;
        flush();
        to = 0;
      }
      out[to++] = octet;
    }
    length = to;
    afterSpace = wasSpace;
    return i;
  };
  return {
    push(text) {
      let i = 0;
      while (i < text.length) {
        if (highSurrogate === 0) {
          i = pushAscii(text, i);
          if (i === text.length) return;
        }
        const c = text.charCodeAt(i++);
        if (c < 128) {
          // Only behind a surrogate that stands alone.
          highSurrogate = 0;
          codePoint(0xfffd);
          i--;
        } else if (c >= 0xdc00 && c <= 0xdfff) {
          codePoint(highSurrogate === 0 ? 0xfffd : (highSurrogate - 0xd800) * 1024 + (c - 0xdc00) + 0x10000);
          highSurrogate = 0;
        } else {
          if (highSurrogate !== 0) codePoint(0xfffd);
          if (c >= 0xd800 && c <= 0xdbff) highSurrogate = c;
          else {
            highSurrogate = 0;
            codePoint(c);
          }
        }
      }
    },
    separate() {
      if (highSurrogate !== 0) codePoint(0xfffd);
      highSurrogate = 0;
      if (length === outputBytes) flush();
      out[length++] = 0;
      afterSpace = true;
    },
    flush,
    close() {
      if (highSurrogate !== 0) codePoint(0xfffd);
      flush();
      if (spareBuffers.length < maxSpareBuffers) spareBuffers.push(out);
    },
  };
}

/** A whole text, for needles and single fields. White space at the ends is kept as one space. */
export function foldText(text: string): Uint8Array {
  const pieces: Uint8Array[] = [];
  const folder = createTextFolder((octets) => pieces.push(octets.slice()));
  // The folder drops a space at the beginning; in a needle it counts.
  const leading = text !== '' && isSpaceText(text.charCodeAt(0));
  folder.push(text);
  folder.close();
  return Buffer.concat(leading ? [Uint8Array.of(space), ...pieces] : pieces);
}

function isSpaceText(c: number): boolean {
  return c < 128 ? asciiFold[c] === space : String.fromCharCode(c).trim() === '';
}

/** ASCII: lower case; tab, LF, VT, FF, CR are spaces. NUL, which separates, becomes 1. */
const asciiFold = Uint8Array.from({ length: 128 }, (_, c) => {
  if (c === 0) return 1;
  if (c >= 9 && c <= 13) return space;
  return c >= 65 && c <= 90 ? c + 32 : c;
});

const replacements = new Map<string, string>([
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ø', 'o'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['ł', 'l'],
  ['þ', 'th'],
  ['ı', 'i'],
  ['ħ', 'h'],
  ['ŧ', 't'],
  ['ς', 'σ'],
  ['\u2018', "'"],
  ['\u2019', "'"],
  ['\u201b', "'"],
  ['\u02bc', "'"],
  ['\u201c', '"'],
  ['\u201d', '"'],
  ['\u201e', '"'],
  ['\u2010', '-'],
  ['\u2012', '-'],
  ['\u2013', '-'],
  ['\u2014', '-'],
  ['\u00ad', ''],
  ['\u200b', ''],
  ['\u200c', ''],
  ['\u200d', ''],
  ['\u2060', ''],
  ['\ufeff', ''],
]);

const memo = new Map<number, Uint8Array>();
/** More code points than any one language uses; the table must not grow with the mail of the world. */
const maxMemo = 20_000;

function foldedCodePoint(value: number): Uint8Array {
  const known = memo.get(value);
  if (known !== undefined) return known;
  let text = '';
  for (const c of String.fromCodePoint(value).normalize('NFKD').toLowerCase()) {
    if (!isDiacritic(c.codePointAt(0)!)) text += replacements.get(c) ?? c;
  }
  // Lower case may come apart once more, and other spaces than U+0020 are spaces too.
  text = text.normalize('NFKD').replace(/\s/gu, ' ');
  const octets = Buffer.from(text);
  if (memo.size < maxMemo) memo.set(value, octets);
  return octets;
}

function isDiacritic(c: number): boolean {
  return (
    (c >= 0x300 && c <= 0x36f) ||
    (c >= 0x1ab0 && c <= 0x1aff) ||
    (c >= 0x1dc0 && c <= 0x1dff) ||
    (c >= 0x20d0 && c <= 0x20ff) ||
    (c >= 0xfe20 && c <= 0xfe2f)
  );
}
