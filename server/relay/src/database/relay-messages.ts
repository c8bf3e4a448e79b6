import type { Connection } from '@vaguemestre/server/database/connection';
import { duplicatesOf, repeating } from '@vaguemestre/server/database/failure';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { Binary, type Filter } from 'mongodb';
import type { MessageDocument, PieceDocument } from './queue-documents.js';

/** Messages of the queue, and their octets. MailError unavailable from every call when the store is away. */
export interface RelayMessages {
  ensureIndexes(): Promise<void>;
  /** Repeating it is harmless. */
  insertPiece(message: string, number: number, octets: Uint8Array): Promise<void>;
  insert(messages: readonly MessageDocument[]): Promise<void>;
  get(id: string): Promise<MessageDocument | undefined>;
  /** The octets; MailError internal when they are not whole. */
  octets(message: MessageDocument): AsyncIterable<Uint8Array>;
  /** Its octets go, the rest stays for the trace. */
  settle(id: string, at: Date): Promise<void>;
  /** Newest first. */
  find(what: MessageQuery, limit: number): Promise<readonly MessageDocument[]>;
  /** Ids of those that are not through, received before. */
  unsettled(before: Date): AsyncIterable<string>;
  /** Removes what was settled before; gives the ids. */
  prune(before: Date, limit: number): Promise<readonly string[]>;
}

/** All that are given have to fit. Addresses in lower case. */
export interface MessageQuery {
  readonly sender?: string;
  readonly recipient?: string;
  readonly messageId?: string;
  /** A part of it, as written. */
  readonly subject?: string;
  readonly account?: string;
  readonly since?: Date;
}

export function relayMessages({ db }: Connection): RelayMessages {
  const messages = db.collection<MessageDocument>('relay_messages');
  const pieces = db.collection<PieceDocument>('relay_pieces');

  const ignoringDuplicates = async (insert: () => Promise<unknown>): Promise<void> => {
    try {
      await insert();
    } catch (error) {
      if (duplicatesOf(error) === undefined && (error as { code?: unknown }).code !== 11000) throw error;
    }
  };

  return {
    ensureIndexes: () =>
      repeating(async () => {
        await messages.createIndex({ created: 1 }, { name: 'created' });
        await messages.createIndex({ settled: 1 }, { name: 'settled', sparse: true });
        await messages.createIndex({ to: 1, created: 1 }, { name: 'to' });
        await messages.createIndex({ 'about.messageId': 1 }, { name: 'messageId', sparse: true });
      }),
    insertPiece: (message, number, octets) =>
      repeating(() =>
        ignoringDuplicates(() => pieces.insertOne({ _id: `${message}/${number}`, data: new Binary(octets) })),
      ),
    insert: (documents) =>
      repeating(() => ignoringDuplicates(() => messages.insertMany([...documents], { ordered: false }))),
    get: (id) => repeating(async () => (await messages.findOne({ _id: id })) ?? undefined),
    async *octets({ _id, head, pieces: count, size }) {
      if (head === undefined) throw notWhole(_id);
      yield bytesOf(head);
      let seen = bytesOf(head).length;
      for (let number = 1; number <= count; number++) {
        const piece = await repeating(() => pieces.findOne({ _id: `${_id}/${number}` }));
        if (piece === null) throw notWhole(_id);
        const octets = bytesOf(piece.data);
        seen += octets.length;
        yield octets;
      }
      if (seen !== size) throw notWhole(_id);
    },
    settle: (id, at) =>
      repeating(async () => {
        await messages.updateOne({ _id: id }, { $set: { settled: at }, $unset: { head: '' } });
        await pieces.deleteMany({ _id: { $gt: `${id}/`, $lt: `${id}0` } });
      }),
    find: (what, limit) =>
      repeating(() => {
        const filter: Filter<MessageDocument> = {
          ...(what.since && { created: { $gte: what.since } }),
          ...(what.recipient !== undefined && { to: what.recipient }),
          ...(what.sender !== undefined && { 'envelope.from': what.sender }),
          ...(what.messageId !== undefined && { 'about.messageId': what.messageId }),
          ...(what.subject !== undefined && { 'about.subject': { $regex: plainText(what.subject) } }),
          ...(what.account !== undefined && { account: what.account }),
        };
        return messages.find(filter, { projection: { head: 0 }, sort: { created: -1 }, limit }).toArray();
      }),
    async *unsettled(before) {
      const found = messages.find(
        { created: { $lt: before }, settled: { $exists: false } },
        { projection: { _id: 1 } },
      );
      for await (const { _id } of found) yield _id;
    },
    prune: (before, limit) =>
      repeating(async () => {
        const old = await messages
          .find({ settled: { $gt: new Date(0), $lt: before } }, { projection: { _id: 1 }, limit })
          .toArray();
        const ids = old.map(({ _id }) => _id);
        if (ids.length > 0) await messages.deleteMany({ _id: { $in: ids } });
        return ids;
      }),
  };
}

/** The driver gives Buffers (promoteBuffers), whatever the type says. */
function bytesOf(data: Binary | Uint8Array): Uint8Array {
  return data instanceof Uint8Array ? data : data.buffer;
}

const plainText = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

const notWhole = (id: string): MailError =>
  new MailError('internal', 'A message of the queue is not whole', { details: { message: id } });
