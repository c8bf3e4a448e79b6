/** Flags as commands name them (RFC 9051 2.3.2 and 9). */
import { maxKeywordBytes } from '../../kernel/limits.js';
import type { CommandReader } from './reader.js';
import { ImapSyntaxError } from './syntax-error.js';

const systemFlags = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'] as const;
const backslash = 0x5c;

/** One flag; undefined for \Recent, which no client can set (RFC 3501 2.3.2). */
function parseFlag(reader: CommandReader): string | undefined {
  if (!reader.octet(backslash)) return parseKeyword(reader);
  const name = `\\${reader.expectAtom('the name of a flag')}`;
  const folded = name.toUpperCase();
  if (folded === '\\RECENT') return undefined;
  const known = systemFlags.find((flag) => flag.toUpperCase() === folded);
  // RFC 9051 9: flag-extension is for standards to come; a flag that would not be kept is refused, not forgotten.
  if (known === undefined) throw new ImapSyntaxError(`There is no system flag ${name}`);
  return known;
}

/** flag-keyword: an atom. */
export function parseKeyword(reader: CommandReader): string {
  const name = reader.expectAtom('a flag');
  if (name.length > maxKeywordBytes) {
    throw new ImapSyntaxError(`A keyword has at most ${maxKeywordBytes} octets`, { status: 'NO', code: 'LIMIT' });
  }
  return name;
}

/** flag-list: `(` [flag *(SP flag)] `)`. */
export function parseFlagList(reader: CommandReader): string[] {
  const flags: (string | undefined)[] = [];
  reader.expectList(() => flags.push(parseFlag(reader)), 'flags', { empty: true });
  return distinctFlags(flags);
}

/** STORE's form: a list, or flags without parentheses. */
export function parseFlags(reader: CommandReader): string[] {
  if (reader.peek() === 0x28) return parseFlagList(reader);
  const flags: (string | undefined)[] = [];
  do flags.push(parseFlag(reader));
  while (reader.space());
  return distinctFlags(flags);
}

/** Keywords are compared without case; the first spelling stays. */
function distinctFlags(flags: readonly (string | undefined)[]): string[] {
  const seen = new Map<string, string>();
  for (const flag of flags) {
    if (flag === undefined) continue;
    const folded = flag.toLowerCase();
    if (!seen.has(folded)) seen.set(folded, flag);
  }
  return [...seen.values()];
}
