/**
 * Keywords of JMAP and flags of IMAP (RFC 8621 4.1.1): the four system keywords are flags, \Deleted is not shown, everything else
 * has one name in both, in lower case here.
 */
import { type FlagWords, systemFlags } from '../../../mailstore/flags.js';

const flagOfKeyword: Readonly<Record<string, string>> = {
  $answered: '\\Answered',
  $flagged: '\\Flagged',
  $seen: '\\Seen',
  $draft: '\\Draft',
};

/** By bit; undefined for \Deleted. */
const systemKeywords: readonly (string | undefined)[] = systemFlags.map((flag) =>
  flag === '\\Deleted' ? undefined : `$${flag.slice(1).toLowerCase()}`,
);

export type Keywords = Readonly<Record<string, true>>;

export function keywordsOf(words: FlagWords, names: readonly string[]): Keywords {
  const keywords: Record<string, true> = Object.create(null);
  for (const [word, bits] of words.entries()) {
    for (let left = bits; left !== 0; left &= left - 1) {
      const bit = 32 * word + 31 - Math.clz32(left & -left);
      const name =
        bit < systemKeywords.length ? systemKeywords[bit] : names[bit - systemKeywords.length]?.toLowerCase();
      if (name !== undefined) keywords[name] = true;
    }
  }
  return keywords;
}

/** The flag or keyword of IMAP. */
export function flagOf(keyword: string): string {
  const lower = keyword.toLowerCase();
  return flagOfKeyword[lower] ?? lower;
}

/** RFC 8621 4.1.1: 1 to 255 characters of ASCII, but for a few signs; $recent is no keyword that can be set. */
export function isKeyword(name: string): boolean {
  if (name.length === 0 || name.length > 255) return false;
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i);
    if (c <= 0x20 || c >= 0x7f || '(){]%*"\\'.includes(name[i]!)) return false;
  }
  return true;
}

/** A set as JMAP writes it: names to `true`. */
export function isKeywords(value: unknown): value is Keywords {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, is]) => is === true && isKeyword(name));
}
