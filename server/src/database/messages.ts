import { setImmediate as turn } from 'node:timers/promises';
import type { Collections } from './collections.js';
import type { CommittedLookup, CommittedReads } from './committed-documents.js';
import { accountRange } from './documents.js';
import { repeating } from './failure.js';
import { RawDocument } from './raw-document.js';

/** What a body read needs of a message. */
export interface MessageSource {
  readonly size: number;
  readonly content: string;
  readonly prefix: Uint8Array;
}

/** What a list needs of a message, as octets. */
export interface MessageHeads {
  readonly env: Buffer;
  readonly struct: Buffer;
  readonly heads: Buffer;
}

/** Where a message lay first, and what an op says of it: for a repair. */
export interface MessagePlaceDocument {
  readonly id: string;
  readonly box: string;
  readonly size: number;
  /** INTERNALDATE, seconds. */
  readonly date: number;
  readonly thread: Uint8Array;
}

export interface ThreadMatch {
  readonly account: string;
  readonly thread: Uint8Array;
}

/** Message documents: immutable, written before the entry that names them (store design section 1). */
export interface Messages {
  /** By message id; what is not there is missing from the map. */
  sources(account: string, ids: readonly string[]): Promise<ReadonlyMap<string, MessageSource>>;
  heads(account: string, ids: readonly string[]): Promise<ReadonlyMap<string, MessageHeads>>;
  previews(account: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  places(account: string, ids: readonly string[]): Promise<readonly MessagePlaceDocument[]>;
  /** Threads of messages that have one of `refs`, of any of the accounts: one command for a whole delivery. */
  threads(accounts: readonly string[], refs: readonly bigint[]): Promise<readonly ThreadMatch[]>;
  remove(account: string): Promise<void>;
}

/** Largest `$in` list of one find (store design section 13). */
export const messagesPerFind = 200;
const empty = Buffer.alloc(0);

/** Messages that share a reference are of one thread but for those that joined two: a few show it. */
const matchesPerAccount = 16;
const matchesPerReference = 2;
/** Looking up the references of one account takes some 10 to 300 µs: others get the loop between so many accounts. */
const accountsPerTurn = 8;

export interface MessagesFromFiles {
  readonly byId: CommittedReads;
  readonly byRefs: CommittedLookup;
}

export function messages({ messages: collection }: Collections, files?: MessagesFromFiles): Messages {
  const committed = files?.byId;

  async function byId<T>(
    account: string,
    ids: readonly string[],
    projection: Readonly<Record<string, 1>>,
    take: (document: RawDocument) => T,
  ): Promise<ReadonlyMap<string, T>> {
    const found = new Map<string, T>();
    if (committed !== undefined) {
      const documents = await committed(ids.map((id) => `${account}/${id}`));
      for (const [key, document] of documents) found.set(key.slice(account.length + 1), take(document));
      return found;
    }
    for (let i = 0; i < ids.length; i += messagesPerFind) {
      const some = ids.slice(i, i + messagesPerFind).map((id) => `${account}/${id}`);
      const replies = (await collection
        .find({ a: account, _id: { $in: some } }, { projection, raw: true, batchSize: messagesPerFind + 1 })
        .toArray()) as unknown as Buffer[];
      for (const reply of replies) {
        const document = new RawDocument(reply);
        found.set(document.string('_id')!.slice(account.length + 1), take(document));
      }
    }
    return found;
  }

  return {
    sources: (account, ids) =>
      repeating(() =>
        byId(account, ids, { size: 1, content: 1, pre: 1 }, (document) => ({
          size: document.number('size')!,
          content: document.string('content')!,
          prefix: document.binary('pre') ?? empty,
        })),
      ),
    heads: (account, ids) =>
      repeating(() =>
        byId(account, ids, { env: 1, struct: 1, heads: 1 }, (document) => ({
          env: document.binary('env') ?? empty,
          struct: document.binary('struct') ?? empty,
          heads: document.binary('heads') ?? empty,
        })),
      ),
    previews: (account, ids) =>
      repeating(() => byId(account, ids, { preview: 1 }, (document) => document.string('preview') ?? '')),
    places: (account, ids) =>
      repeating(async () => {
        const found: MessagePlaceDocument[] = [];
        for (let i = 0; i < ids.length; i += messagesPerFind) {
          const some = ids.slice(i, i + messagesPerFind).map((id) => `${account}/${id}`);
          const documents = await collection
            .find({ a: account, _id: { $in: some } }, { projection: { box0: 1, size: 1, date: 1, thread: 1 } })
            .toArray();
          for (const { _id, box0, size, date, thread } of documents) {
            const id = _id.slice(account.length + 1);
            found.push({ id, box: box0, size, date: Math.floor(date.getTime() / 1000), thread });
          }
        }
        return found;
      }),
    threads: (accounts, refs) =>
      repeating(async () => {
        const known = files && (await threadsFromFiles(files.byRefs, accounts, refs));
        if (known !== undefined) return known;
        const a = accounts.length === 1 ? accounts[0]! : { $in: [...accounts] };
        const found = await collection
          .find(
            { a, refs: { $in: [...refs] } },
            { projection: { _id: 0, a: 1, thread: 1 }, limit: matchesPerAccount * accounts.length },
          )
          .toArray();
        return found.map((message) => ({ account: message.a, thread: message.thread }));
      }),
    remove: (account) =>
      repeating(async () => {
        await collection.deleteMany({ a: account, _id: accountRange(account) });
      }),
  };
}

/** undefined when the index is not there. */
async function threadsFromFiles(
  byRefs: CommittedLookup,
  accounts: readonly string[],
  refs: readonly bigint[],
): Promise<readonly ThreadMatch[] | undefined> {
  const matches: ThreadMatch[] = [];
  for (const [i, account] of accounts.entries()) {
    if (i > 0 && i % accountsPerTurn === 0) await turn();
    const found = byRefs(
      refs.map((ref) => [account, ref]),
      matchesPerReference,
      (message) => Buffer.from(message.binary('thread')!),
    );
    if (found === undefined) return undefined;
    for (const thread of found) matches.push({ account, thread });
  }
  return matches;
}
