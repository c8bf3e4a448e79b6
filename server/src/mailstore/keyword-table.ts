import { MailError } from '../kernel/errors.js';
import { type FlagWords, maxKeywords, systemFlags } from './flags.js';

/**
 * Names of flags to bits (contract: flags.ts). System flags and keywords are compared without case (RFC 9051 2.3.2); a
 * keyword keeps the spelling it was first set with.
 */
const systemBits: ReadonlyMap<string, number> = new Map(systemFlags.map((flag, bit) => [flag.toLowerCase(), bit]));
/** RFC 5788: a keyword is an atom; its length is ours, so that a table of keywords stays small. */
const maxKeywordLength = 255;

/** Bit of a flag among the 128, -1 when the account has no such keyword. */
export function bitOf(name: string, keywords: readonly string[]): number {
  const lower = name.toLowerCase();
  const system = systemBits.get(lower);
  if (system !== undefined) return system;
  const index = keywords.findIndex((keyword) => keyword.toLowerCase() === lower);
  return index < 0 ? -1 : systemFlags.length + index;
}

/** RFC 9051 9, flag-keyword: an atom, so no blank, bracket, quote, backslash, wildcard, control or 8-bit character. */
export function checkKeyword(name: string): void {
  if (name.startsWith('\\')) throw new MailError('invalid', 'That is not a flag that can be set');
  if (name.length === 0 || name.length > maxKeywordLength)
    throw new MailError('invalid', 'A keyword has 1 to 255 characters');
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || '(){%*"\\]'.includes(name[i]!)) {
      throw new MailError('invalid', 'A keyword is made of ASCII letters, digits and a few signs');
    }
  }
}

export function keywordsFull(keywords: readonly string[]): boolean {
  return keywords.length >= maxKeywords;
}

/** The words that have exactly the given bits. */
export function wordsOf(bits: Iterable<number>): FlagWords {
  const words: [number, number, number, number] = [0, 0, 0, 0];
  for (const bit of bits) words[bit >>> 5]! |= 1 << (bit & 31);
  return words;
}
