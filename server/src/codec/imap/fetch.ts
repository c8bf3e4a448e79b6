import type { CommandReader } from './reader.js';
import { type Partial, parseBinarySection, parsePartial, parseSection, type Section } from './section.js';
import { parseSequenceSet, type SequenceSet } from './sequence-set.js';
import { ImapSyntaxError } from './syntax-error.js';

/** One thing to fetch (RFC 9051 6.4.5; RFC 3501's RFC822 forms; RFC 7162 MODSEQ; RFC 8474 ids). Macros are already expanded. */
export type FetchItem =
  | {
      readonly kind:
        | 'flags'
        | 'uid'
        | 'internalDate'
        | 'size'
        | 'modseq'
        | 'envelope'
        /** BODYSTRUCTURE. */
        | 'bodyStructure'
        /** BODY: the structure without extension data. */
        | 'body'
        | 'emailId'
        | 'threadId';
    }
  | {
      readonly kind: 'section';
      readonly section: Section;
      /** Without peek, fetching sets \Seen. */
      readonly peek: boolean;
      readonly partial: Partial | undefined;
      /** How the answer names it: `BODY[HEADER.FIELDS (From To)]<0>`, `RFC822.HEADER` ... ASCII. */
      readonly name: string;
    }
  | {
      /** RFC 9051 6.4.5 / RFC 3516 BINARY[1.2]. */
      readonly kind: 'binary';
      readonly part: readonly number[];
      readonly peek: boolean;
      readonly partial: Partial | undefined;
      readonly name: string;
    }
  | { readonly kind: 'binarySize'; readonly part: readonly number[]; readonly name: string };

export interface FetchCommand {
  readonly kind: 'fetch';
  readonly uid: boolean;
  readonly set: SequenceSet;
  /** In the order asked for, without repetitions. UID FETCH: `uid` is not added here; the session adds it. */
  readonly items: readonly FetchItem[];
  /** RFC 7162 3.1.4.1. A client that sends 0 (iOS does) is taken at its word. */
  readonly changedSince: number | undefined;
  /** RFC 7162 3.2.6: only with UID and CHANGEDSINCE. */
  readonly vanished: boolean;
}

const plainItems: ReadonlyMap<string, FetchItem> = new Map<string, FetchItem>([
  ['FLAGS', { kind: 'flags' }],
  ['UID', { kind: 'uid' }],
  ['INTERNALDATE', { kind: 'internalDate' }],
  ['RFC822.SIZE', { kind: 'size' }],
  ['MODSEQ', { kind: 'modseq' }],
  ['ENVELOPE', { kind: 'envelope' }],
  ['BODYSTRUCTURE', { kind: 'bodyStructure' }],
  ['EMAILID', { kind: 'emailId' }],
  ['THREADID', { kind: 'threadId' }],
  // RFC 3501 6.4.5: old names of BODY[], BODY.PEEK[HEADER] and BODY[TEXT].
  ['RFC822', { kind: 'section', section: { part: [], text: 'all' }, peek: false, partial: undefined, name: 'RFC822' }],
  [
    'RFC822.HEADER',
    { kind: 'section', section: { part: [], text: 'header' }, peek: true, partial: undefined, name: 'RFC822.HEADER' },
  ],
  [
    'RFC822.TEXT',
    { kind: 'section', section: { part: [], text: 'text' }, peek: false, partial: undefined, name: 'RFC822.TEXT' },
  ],
]);

const fast: readonly FetchItem[] = [{ kind: 'flags' }, { kind: 'internalDate' }, { kind: 'size' }];
const macros: ReadonlyMap<string, readonly FetchItem[]> = new Map([
  ['FAST', fast],
  ['ALL', [...fast, { kind: 'envelope' }]],
  ['FULL', [...fast, { kind: 'envelope' }, { kind: 'body' }]],
]);

/** After `FETCH`: SP sequence-set SP items [SP modifiers]. */
export function parseFetch(reader: CommandReader, uid: boolean): FetchCommand {
  reader.expectSpace();
  const set = parseSequenceSet(reader);
  reader.expectSpace();
  const items = parseItems(reader);
  let changedSince: number | undefined;
  let vanished = false;
  if (reader.space() && reader.peek() !== -1) {
    reader.expectList(() => {
      const name = reader.expectKeyword('CHANGEDSINCE or VANISHED');
      if (name === 'CHANGEDSINCE' && changedSince === undefined) {
        reader.expectSpace();
        changedSince = reader.expectNumber64('a mod-sequence');
      } else if (name === 'VANISHED' && !vanished) vanished = true;
      else throw new ImapSyntaxError(`Unknown or repeated FETCH modifier ${name}`);
    }, 'a FETCH modifier');
  }
  // RFC 7162 3.2.6.
  if (vanished && (!uid || changedSince === undefined)) {
    throw new ImapSyntaxError('VANISHED goes with UID FETCH and CHANGEDSINCE only');
  }
  return { kind: 'fetch', uid, set, items, changedSince, vanished };
}

function parseItems(reader: CommandReader): readonly FetchItem[] {
  if (reader.peek() !== 0x28) {
    const macro = macros.get(reader.peekKeyword() ?? '');
    if (macro === undefined) return [parseItem(reader)];
    reader.keyword();
    return macro;
  }
  const items = new Map<string, FetchItem>();
  reader.expectList(() => {
    const item = parseItem(reader);
    const key = itemKey(item);
    // RFC 9051 6.4.5 does not say what a repeated item means; answering it once serves every client. Without peek wins.
    if (!items.has(key) || ('peek' in item && !item.peek)) items.set(key, item);
  }, 'data items');
  return [...items.values()];
}

function itemKey(item: FetchItem): string {
  if (!('name' in item)) return item.kind;
  const partial = 'partial' in item ? item.partial : undefined;
  return partial === undefined ? item.name : `${item.name}${partial.count}`;
}

function parseItem(reader: CommandReader): FetchItem {
  const word = parseItemName(reader);
  const plain = plainItems.get(word);
  if (plain !== undefined) return plain;
  switch (word) {
    case 'BODY':
      if (reader.peek() !== 0x5b) return { kind: 'body' };
      return parseBody(reader, false);
    case 'BODY.PEEK':
      return parseBody(reader, true);
    case 'BINARY':
    case 'BINARY.PEEK': {
      const { part, name } = parseBinarySection(reader);
      const partial = parsePartial(reader);
      return { kind: 'binary', part, peek: word === 'BINARY.PEEK', partial, name: `BINARY${name}${origin(partial)}` };
    }
    case 'BINARY.SIZE': {
      const { part, name } = parseBinarySection(reader);
      return { kind: 'binarySize', part, name: `BINARY.SIZE${name}` };
    }
    default:
      throw new ImapSyntaxError(`Unknown FETCH data item ${word.slice(0, 40)}`);
  }
}

/** Item names end before `[`, which is an ATOM-CHAR. */
function parseItemName(reader: CommandReader): string {
  return reader.keywordBefore(0x5b) ?? reader.fail('a FETCH data item');
}

function parseBody(reader: CommandReader, peek: boolean): FetchItem {
  const { section, name } = parseSection(reader);
  const partial = parsePartial(reader);
  return { kind: 'section', section, peek, partial, name: `BODY${name}${origin(partial)}` };
}

/** RFC 9051 7.5.2: the answer names the origin octet only. */
function origin(partial: Partial | undefined): string {
  return partial === undefined ? '' : `<${partial.offset}>`;
}
