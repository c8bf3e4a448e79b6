/**
 * WildDuck's search in terms of ours: `parseQueryTerms` by our parser, its tree translated to WildDuck's; `matchSearchQuery` by
 * our evaluator over a mailbox of one message.
 */
import { createCommandAssembler } from '@vaguemestre/server/codec/imap/framing';
import { parseCommand } from '@vaguemestre/server/codec/imap/parse';
import type { SearchCommand, SearchKey } from '@vaguemestre/server/codec/imap/search';
import { resolveUids } from '@vaguemestre/server/codec/imap/sequence-set';
import { messageFacts } from '@vaguemestre/server/codec/mime/message-facts';
import type { MessageId } from '@vaguemestre/server/kernel/ids';
import type { FlagWords } from '@vaguemestre/server/mailstore/flags';
import type { MailboxView } from '@vaguemestre/server/mailstore/mailbox';
import { evaluate } from '@vaguemestre/server/mailstore/search/evaluate';
import type { SearchSource } from '@vaguemestre/server/mailstore/search/search-source';
import type { SearchQuery } from '@vaguemestre/server/mailstore/search-query';
import { runCallback } from './borrowed-suite.js';

export interface WildQuery {
  readonly key: string;
  readonly value: unknown;
  readonly exists?: boolean;
  readonly operator?: string;
  readonly header?: string;
}

const operators = { before: '<', on: '=', since: '>=' } as const;

/** Terms as WildDuck's handler gives them: strings without their quotes, lists flattened. */
export function parseQueryTerms(terms: readonly (string | null)[], uids: readonly number[]): { query: WildQuery[] } {
  const line = terms.map((term) =>
    term === null ? '""' : /^(".*"|[\w$.:*,\\-]+)$/.test(term) ? term : `"${term.replaceAll(/[\\"]/g, '\\$&')}"`,
  );
  const options = { utf8: false, maxCommandBytes: 65536, maxLiteralBytes: 65536 };
  const step = createCommandAssembler().line(Buffer.from(`A UID SEARCH ${line.join(' ')}`), options);
  if (step.kind !== 'command') throw new Error(step.kind);
  const command = parseCommand(step.text, { utf8: false }).command as SearchCommand;
  const keys = command.key.kind === 'and' ? command.key.of : [command.key];
  return { query: keys.map((key) => translate(key, uids)) };
}

const never: WildQuery = { key: 'not', value: { key: 'all', value: true } };

function translate(key: SearchKey, uids: readonly number[]): WildQuery {
  switch (key.kind) {
    case 'all':
      return { key: 'all', value: true };
    case 'none':
      return never;
    case 'flag':
      return { key: 'flag', value: key.flag, exists: key.set };
    case 'not':
      return { key: 'not', value: translate(key.of, uids) };
    case 'or':
      return { key: 'or', value: key.of.map((of) => translate(of, uids)) };
    case 'header':
      return { key: 'header', header: key.field.toLowerCase(), value: key.value };
    case 'body':
    case 'text':
      return { key: key.kind, value: key.value };
    case 'larger':
      return { key: 'size', value: key.bytes, operator: '>' };
    case 'smaller':
      return { key: 'size', value: key.bytes, operator: '<' };
    case 'modseq':
      return { key: 'modseq', value: key.since };
    case 'internalDate':
    case 'sentDate':
      return {
        key: key.kind === 'sentDate' ? 'date' : 'internaldate',
        operator: operators[key.is],
        value: wildDate(key.day),
      };
    case 'uid':
    case 'sequence': {
      if (key.set.kind === 'saved') throw new Error('$');
      const last = key.kind === 'uid' ? uids[uids.length - 1]! : uids.length;
      const ranges = resolveUids(key.set.ranges, last);
      const named = uids.filter((uid, i) => {
        const number = key.kind === 'uid' ? uid : i + 1;
        return ranges.some(([low, high]) => low <= number && number <= high);
      });
      return { key: 'uid', value: named };
    }
    default:
      throw new Error(`WildDuck has no ${key.kind}`);
  }
}

/** `1-Feb-1994`. */
function wildDate(day: number): string {
  const [, date, month, year] = new Date(day * 86_400_000).toUTCString().split(' ');
  return `${Number(date)}-${month}-${year}`;
}

export interface WildMessage {
  readonly uid?: number;
  readonly flags?: readonly string[];
  readonly idate?: Date;
  /** Ours is the text itself: there is no tree to search in. */
  readonly mimeTree?: string;
  readonly raw?: string;
  readonly modseq?: number;
  readonly size?: number;
}

/** Stands in for WildDuck's indexer in those tests. */
export class TextIndexer {
  parseMimeTree(raw: string): string {
    return raw;
  }
}

export function matchSearchQuery(
  message: WildMessage,
  query: WildQuery | readonly WildQuery[],
  callback: (error: unknown, match?: boolean) => void,
): void {
  const queries = Array.isArray(query) ? (query as readonly WildQuery[]) : [query as WildQuery];
  const asked: SearchQuery = { kind: 'and', of: queries.map(backTranslate) };
  evaluate(sourceOf(message), asked).then(
    (found) => runCallback(() => callback(null, found.length === 1)),
    (error) => runCallback(() => callback(error)),
  );
}

const dayOf = (value: unknown): number => Math.floor(new Date(value as string | Date).getTime() / 86_400_000);
const comparison = { '<': 'before', '=': 'on', '>=': 'since' } as const;

function backTranslate(query: WildQuery): SearchQuery {
  const { key, value } = query;
  switch (key) {
    case 'all':
      return { kind: 'all' };
    case 'flag':
      return { kind: 'flag', flag: value as string, set: query.exists === true };
    case 'not':
      return { kind: 'not', of: backTranslate(value as WildQuery) };
    case 'or':
      return { kind: 'or', of: (value as WildQuery[]).map(backTranslate) };
    case 'internaldate':
    case 'date':
      return {
        kind: key === 'date' ? 'sentDate' : 'internalDate',
        is: comparison[query.operator as keyof typeof comparison],
        day: dayOf(value),
      };
    case 'body':
    case 'text':
      return { kind: key, value: value as string };
    case 'uid':
      return { kind: 'uid', ranges: (value as number[]).map((uid) => [uid, uid] as const) };
    case 'size': {
      const bytes = value as number;
      if (query.operator === '>') return { kind: 'larger', bytes };
      if (query.operator === '<') return { kind: 'smaller', bytes };
      return {
        kind: 'and',
        of: [
          { kind: 'larger', bytes: bytes - 1 },
          { kind: 'smaller', bytes: bytes + 1 },
        ],
      };
    }
    case 'header':
      return { kind: 'header', field: query.header!, value: value as string };
    case 'modseq':
      return { kind: 'modseq', since: (value as number[])[0]! };
    default:
      throw new Error(`no ${key}`);
  }
}

const systemFlags = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'];

function sourceOf(message: WildMessage): SearchSource {
  const octets = Buffer.from(message.mimeTree ?? message.raw ?? '\r\n');
  const facts = messageFacts(octets);
  const flags = message.flags ?? [];
  // Flags that are no system flags are keywords, bit 5 and up.
  const names = [...systemFlags, ...flags.filter((flag) => !systemFlags.includes(flag))];
  const maskOf = (flag: string): FlagWords | undefined => {
    const bit = names.findIndex((name) => name.toLowerCase() === flag.toLowerCase());
    return bit < 0 ? undefined : [1 << bit, 0, 0, 0];
  };
  let word = 0;
  for (const flag of flags) word |= maskOf(flag)![0];
  const view: MailboxView = {
    mailbox: 'box' as MailboxView['mailbox'],
    count: 1,
    uid: Uint32Array.of(message.uid ?? 1),
    flags: Uint32Array.of(word),
    keywords: [undefined, undefined, undefined],
    modseq: Float64Array.of(message.modseq ?? 1),
    load: async () => undefined,
    idAt: () => 'id' as MessageId,
    sizeAt: () => message.size ?? octets.length,
    // As there: now, if the message has none.
    dateAt: () => (message.idate ?? new Date()).getTime() / 1000,
    threadAt: () => '' as ReturnType<MailboxView['threadAt']>,
    slotAt: () => 0,
    flagsAt: () => [word, 0, 0, 0],
    indexOf: (uid) => (uid === (message.uid ?? 1) ? 0 : -1),
    lowerBound: (uid) => (uid <= (message.uid ?? 1) ? 0 : 1),
  };
  return {
    view,
    maskOf,
    now: Date.now() / 1000,
    exclude: async () => undefined,
    async *cards() {
      yield [{ index: 0, envelope: facts.envelope, bodyStructure: facts.bodyStructure, headers: facts.headers }];
    },
    async *contents() {
      yield {
        index: 0,
        id: 'id' as MessageId,
        size: octets.length,
        prefix: new Uint8Array(0),
        first: octets,
        async *rest() {},
      };
    },
  };
}
