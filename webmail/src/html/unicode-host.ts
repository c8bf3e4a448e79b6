/**
 * A host name as one reads it: Punycode (RFC 3492) decoded, and judged. A name is suspect when one of its labels mixes
 * alphabets that no language mixes, or is written wholly in foreign letters that pass for Latin ones. What does not decode
 * stays as it is and is suspect.
 */
export interface UnicodeHost {
  readonly shown: string;
  readonly suspect: boolean;
}

export function unicodeHost(host: string): UnicodeHost {
  let suspect = false;
  const labels = host.split('.').map((label) => {
    if (!label.startsWith('xn--')) return label;
    const decoded = decodePunycode(label.slice(4));
    if (decoded === undefined || isMisleading(decoded)) suspect = true;
    return decoded ?? label;
  });
  return { shown: labels.join('.'), suspect };
}

// RFC 3492 5: the parameters of Punycode.
const base = 36;
const tMin = 1;
const tMax = 26;
const skew = 38;
const damp = 700;

/** RFC 3492 6.2. */
export function decodePunycode(input: string): string | undefined {
  const points: number[] = [];
  const delimiter = input.lastIndexOf('-');
  for (const c of input.slice(0, Math.max(delimiter, 0))) points.push(c.charCodeAt(0));
  let n = 128;
  let i = 0;
  let bias = 72;
  for (let at = delimiter < 0 ? 0 : delimiter + 1; at < input.length; ) {
    const before = i;
    for (let weight = 1, k = base; ; k += base) {
      const digit = digitOf(input.charCodeAt(at++));
      if (digit === undefined) return undefined;
      i += digit * weight;
      const threshold = Math.min(Math.max(k - bias, tMin), tMax);
      if (digit < threshold) break;
      weight *= base - threshold;
      if (weight > 0x7fffffff || i > 0x7fffffff) return undefined;
    }
    bias = adapt(i - before, points.length + 1, before === 0);
    n += Math.floor(i / (points.length + 1));
    i %= points.length + 1;
    if (n > 0x10ffff || (n >= 0xd800 && n <= 0xdfff)) return undefined;
    points.splice(i++, 0, n);
  }
  return String.fromCodePoint(...points);
}

function digitOf(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 26;
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  return undefined;
}

/** RFC 3492 6.1. */
function adapt(delta: number, count: number, first: boolean): number {
  let rest = first ? Math.floor(delta / damp) : delta >> 1;
  rest += Math.floor(rest / count);
  let k = 0;
  while (rest > ((base - tMin) * tMax) >> 1) {
    rest = Math.floor(rest / (base - tMin));
    k += base;
  }
  return k + Math.floor(((base - tMin + 1) * rest) / (rest + skew));
}

const scripts: readonly (readonly [string, RegExp])[] = [
  ['latin', /\p{Script=Latin}/u],
  ['cyrillic', /\p{Script=Cyrillic}/u],
  ['greek', /\p{Script=Greek}/u],
  ['armenian', /\p{Script=Armenian}/u],
  ['cherokee', /\p{Script=Cherokee}/u],
  ['east', /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u],
  [
    'other',
    /(?![\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}])\p{L}/u,
  ],
];

/** Cyrillic and Greek letters that are drawn like Latin ones. */
const latinLookAlikes =
  /^[\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u04bb\u0501\u051b\u051d\u04cf\u043a\u0442\u043c\u0432\u043d\u03bf\u03bd\u03b1\u03c1\u03c5\u03ba\u03b9\d-]+$/;

function isMisleading(label: string): boolean {
  const used = scripts.filter(([, letters]) => letters.test(label)).map(([name]) => name);
  // Japanese, Chinese and Korean names stand beside Latin letters every day.
  const mixed = used.length > 1 && !(used.length === 2 && used.includes('latin') && used.includes('east'));
  return mixed || latinLookAlikes.test(label);
}
