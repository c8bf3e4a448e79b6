import { maxSearchKeys } from '../../kernel/limits.js';
import { charsetDecoder, type DecodeText, decodeAsUtf8 } from './charset.js';
import { parseDate } from './date-time.js';
import { parseKeyword } from './flag.js';
import type { CommandReader } from './reader.js';
import { parseSequenceSet, type SequenceSet } from './sequence-set.js';
import { ImapSyntaxError } from './syntax-error.js';

/**
 * The tree of a SEARCH program (RFC 9051 6.4.4, RFC 3501 6.4.4, RFC 5032, RFC 7162 3.1.5, RFC 8474 7). Strings are
 * decoded from the command's charset. At most `maxNesting` deep. RECENT and NEW never match here and OLD always does,
 * because \Recent is not kept (RFC 9051 dropped it); they arrive as `none` and `all`.
 */
export type SearchKey =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  /** A list in parentheses, or the keys of the program one after another. */
  | { readonly kind: 'and'; readonly of: readonly SearchKey[] }
  | { readonly kind: 'or'; readonly of: readonly [SearchKey, SearchKey] }
  | { readonly kind: 'not'; readonly of: SearchKey }
  | { readonly kind: 'flag'; readonly flag: string; readonly set: boolean }
  /** Sequence numbers, or `$` (the saved result, RFC 9051 6.4.4.1). */
  | { readonly kind: 'sequence'; readonly set: SequenceSet }
  | { readonly kind: 'uid'; readonly set: SequenceSet }
  | { readonly kind: 'larger' | 'smaller'; readonly bytes: number }
  /** `day` counts from 1970-01-01. */
  | { readonly kind: 'internalDate' | 'sentDate'; readonly is: 'before' | 'on' | 'since'; readonly day: number }
  | { readonly kind: 'older' | 'younger'; readonly seconds: number }
  | { readonly kind: 'header'; readonly field: string; readonly value: string }
  | { readonly kind: 'body' | 'text'; readonly value: string }
  /** RFC 7162 3.1.5; the entry name is accepted and means nothing here: modseq is one number a message. */
  | { readonly kind: 'modseq'; readonly since: number }
  | { readonly kind: 'emailId' | 'threadId'; readonly id: string };

/** RFC 9051 6.4.4, RFC 4731, RFC 5182. `RETURN ()` is ALL. */
export interface SearchReturn {
  readonly min: boolean;
  readonly max: boolean;
  readonly all: boolean;
  readonly count: boolean;
  readonly save: boolean;
}

export interface SearchCommand {
  readonly kind: 'search';
  readonly uid: boolean;
  /** undefined: no RETURN was written; a SEARCH response in rev1, ESEARCH ALL in rev2. */
  readonly return: SearchReturn | undefined;
  readonly key: SearchKey;
  /** Some key is MODSEQ: enables CONDSTORE, and the answer carries MODSEQ (RFC 7162 3.1.5). */
  readonly usesModseq: boolean;
}

/** Keys without an argument. */
const plainKeys: ReadonlyMap<string, SearchKey> = new Map<string, SearchKey>([
  ['ALL', { kind: 'all' }],
  ['ANSWERED', { kind: 'flag', flag: '\\Answered', set: true }],
  ['UNANSWERED', { kind: 'flag', flag: '\\Answered', set: false }],
  ['DELETED', { kind: 'flag', flag: '\\Deleted', set: true }],
  ['UNDELETED', { kind: 'flag', flag: '\\Deleted', set: false }],
  ['DRAFT', { kind: 'flag', flag: '\\Draft', set: true }],
  ['UNDRAFT', { kind: 'flag', flag: '\\Draft', set: false }],
  ['FLAGGED', { kind: 'flag', flag: '\\Flagged', set: true }],
  ['UNFLAGGED', { kind: 'flag', flag: '\\Flagged', set: false }],
  ['SEEN', { kind: 'flag', flag: '\\Seen', set: true }],
  ['UNSEEN', { kind: 'flag', flag: '\\Seen', set: false }],
  ['RECENT', { kind: 'none' }],
  ['NEW', { kind: 'none' }],
  ['OLD', { kind: 'all' }],
]);

const dateKeys: ReadonlyMap<string, readonly ['internalDate' | 'sentDate', 'before' | 'on' | 'since']> = new Map([
  ['BEFORE', ['internalDate', 'before']],
  ['ON', ['internalDate', 'on']],
  ['SINCE', ['internalDate', 'since']],
  ['SENTBEFORE', ['sentDate', 'before']],
  ['SENTON', ['sentDate', 'on']],
  ['SENTSINCE', ['sentDate', 'since']],
]);

const addressKeys = new Set(['FROM', 'TO', 'CC', 'BCC', 'SUBJECT']);

interface Program {
  readonly reader: CommandReader;
  decode: DecodeText;
  usesModseq: boolean;
  keys: number;
}

/** After `SEARCH`: [SP RETURN SP "(" ... ")"] SP [CHARSET SP charset SP] search-key *(SP search-key). */
export function parseSearch(reader: CommandReader, uid: boolean): SearchCommand {
  reader.expectSpace();
  let returned: SearchReturn | undefined;
  if (reader.peekKeyword() === 'RETURN') {
    reader.keyword();
    reader.expectSpace();
    returned = parseReturn(reader);
    reader.expectSpace();
  }
  const program: Program = { reader, decode: decodeAsUtf8, usesModseq: false, keys: 0 };
  if (reader.peekKeyword() === 'CHARSET') {
    reader.keyword();
    reader.expectSpace();
    program.decode = charsetDecoder(reader.expectAstring('a charset').toString('latin1'));
    reader.expectSpace();
  }
  const keys = [parseKey(program)];
  while (reader.space() && reader.peek() !== -1) keys.push(parseKey(program));
  const key: SearchKey = keys.length === 1 ? keys[0]! : { kind: 'and', of: keys };
  return { kind: 'search', uid, return: returned, key, usesModseq: program.usesModseq };
}

function parseReturn(reader: CommandReader): SearchReturn {
  const options = { min: false, max: false, all: false, count: false, save: false };
  let none = true;
  reader.expectList(
    () => {
      const name = reader.expectKeyword('a result option');
      none = false;
      if (name === 'MIN') options.min = true;
      else if (name === 'MAX') options.max = true;
      else if (name === 'ALL') options.all = true;
      else if (name === 'COUNT') options.count = true;
      else if (name === 'SAVE') options.save = true;
      else throw new ImapSyntaxError(`Unknown SEARCH result option ${name.slice(0, 40)}`);
    },
    'result options',
    { empty: true },
  );
  // RFC 9051 6.4.4: an empty list means ALL.
  return none ? { ...options, all: true } : options;
}

function parseKey(program: Program): SearchKey {
  const { reader } = program;
  const next = reader.peek();
  if (next === 0x28) {
    const keys: SearchKey[] = [];
    reader.expectList(() => keys.push(parseKey(program)), 'search keys');
    return keys.length === 1 ? keys[0]! : { kind: 'and', of: keys };
  }
  if ((next >= 0x30 && next <= 0x39) || next === 0x2a || next === 0x24) {
    // `$MDNSent` is no key: `$` stands alone.
    countKey(program);
    return { kind: 'sequence', set: parseSequenceSet(reader) };
  }
  const word = reader.expectKeyword('a search key');
  countKey(program);
  const plain = plainKeys.get(word);
  if (plain !== undefined) return plain;
  const dated = dateKeys.get(word);
  if (dated === undefined && !addressKeys.has(word)) return parseOther(program, word);
  reader.expectSpace();
  if (dated !== undefined) return { kind: dated[0], is: dated[1], day: expectDate(reader) };
  return { kind: 'header', field: word, value: expectValue(program) };
}

function countKey(program: Program): void {
  if (++program.keys > maxSearchKeys) {
    throw new ImapSyntaxError(`SEARCH takes at most ${maxSearchKeys} keys`, { status: 'NO', code: 'LIMIT' });
  }
}

function parseOther(program: Program, word: string): SearchKey {
  const { reader } = program;
  const argument = (): CommandReader => {
    reader.expectSpace();
    return reader;
  };
  switch (word) {
    case 'NOT':
      return { kind: 'not', of: nested(program) };
    case 'OR': {
      const left = nested(program);
      return { kind: 'or', of: [left, nested(program)] };
    }
    case 'UID':
      return { kind: 'uid', set: parseSequenceSet(argument()) };
    case 'KEYWORD':
      return { kind: 'flag', flag: parseKeyword(argument()), set: true };
    case 'UNKEYWORD':
      return { kind: 'flag', flag: parseKeyword(argument()), set: false };
    case 'LARGER':
      return { kind: 'larger', bytes: argument().expectNumber64('a size') };
    case 'SMALLER':
      return { kind: 'smaller', bytes: argument().expectNumber64('a size') };
    // RFC 5032 4: nz-number.
    case 'OLDER':
      return { kind: 'older', seconds: argument().expectPositive('a number of seconds') };
    case 'YOUNGER':
      return { kind: 'younger', seconds: argument().expectPositive('a number of seconds') };
    case 'BODY':
    case 'TEXT':
      argument();
      return { kind: word === 'BODY' ? 'body' : 'text', value: expectValue(program) };
    case 'HEADER': {
      const field = argument().expectAstring('the name of a header field').toString('latin1');
      reader.expectSpace();
      return { kind: 'header', field, value: expectValue(program) };
    }
    case 'MODSEQ':
      program.usesModseq = true;
      return { kind: 'modseq', since: parseModseq(argument()) };
    case 'EMAILID':
    case 'THREADID':
      return { kind: word === 'EMAILID' ? 'emailId' : 'threadId', id: argument().expectAtom('an object id') };
    default:
      throw new ImapSyntaxError(`Unknown SEARCH key ${word.slice(0, 40)}`);
  }
}

/** SP search-key, one level deeper. */
function nested(program: Program): SearchKey {
  program.reader.expectSpace();
  program.reader.enter();
  const key = parseKey(program);
  program.reader.leave();
  return key;
}

function expectValue(program: Program): string {
  return program.decode(program.reader.expectAstring('a search string'));
}

/** date: date-text, with or without quotes. */
function expectDate(reader: CommandReader): number {
  const text = reader.atom() ?? reader.quoted()?.toString('latin1');
  return (text === undefined ? undefined : parseDate(text)) ?? reader.fail('a date like 1-Feb-2024');
}

/** RFC 7162 3.1.5: [entry-name SP entry-type-req SP] mod-sequence-valzer. */
function parseModseq(reader: CommandReader): number {
  const entry = reader.quoted();
  if (entry !== undefined) {
    if (!entry.toString('latin1').toLowerCase().startsWith('/flags/'))
      reader.fail('an entry name like "/flags/\\\\seen"');
    reader.expectSpace();
    const type = reader.expectKeyword('priv, shared or all');
    if (type !== 'PRIV' && type !== 'SHARED' && type !== 'ALL') reader.fail('priv, shared or all');
    reader.expectSpace();
  }
  return reader.expectNumber64('a mod-sequence');
}
