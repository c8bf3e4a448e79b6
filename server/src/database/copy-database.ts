/**
 * All documents of one database into another that is empty: how the embedded store moves to a MongoDB. Every value keeps its
 * BSON type. What makes the rest visible, roots and people, goes last, so that a copy that was interrupted shows nobody half
 * their mail.
 */
import type { Collection, Document } from 'mongodb';
import { MailError } from '../kernel/errors.js';
import type { Connection } from './connection.js';
import { duplicatesOf, repeating } from './failure.js';

const batchDocuments = 500;
const batchBytes = 4 * 1024 * 1024;
const last = ['roots', 'accounts'];

/** Resolves with the number of documents. MailError alreadyExists when the target holds any. */
export async function copyDatabase(from: Connection, to: Connection, signal: AbortSignal): Promise<number> {
  const listed = await repeating(() => from.db.listCollections({}, { nameOnly: true }).toArray());
  const names = listed.map(({ name }) => name).sort((a, b) => last.indexOf(a) - last.indexOf(b) || (a < b ? -1 : 1));
  for (const name of names) {
    const found = await repeating(() => to.db.collection(name).findOne({}, { projection: { _id: 1 } }));
    if (found !== null)
      throw new MailError('alreadyExists', `The database has documents in "${name}": it must be empty`);
  }
  let count = 0;
  for (const name of names) count += await copyCollection(from.db.collection(name), to.db.collection(name), signal);
  return count;
}

async function copyCollection(from: Collection, to: Collection, signal: AbortSignal): Promise<number> {
  let count = 0;
  let batch: Document[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    signal.throwIfAborted();
    const documents = batch;
    await repeating(() => insertAll(to, documents));
    count += documents.length;
    batch = [];
    bytes = 0;
  };
  // Numbers as they are stored: an int64 that is small must stay one.
  const documents = from.find({}, { promoteValues: false, promoteLongs: false, promoteBuffers: false });
  for await (const document of documents) {
    batch.push(document);
    bytes += sizeOf(document);
    if (batch.length >= batchDocuments || bytes >= batchBytes) await flush();
  }
  await flush();
  return count;
}

async function insertAll(to: Collection, documents: readonly Document[]): Promise<void> {
  try {
    await to.insertMany([...documents], { ordered: false });
  } catch (error) {
    // Sent again after a lost reply: the target was empty, so what is there already is ours.
    if (duplicatesOf(error) === undefined) throw error;
  }
}

/** Only the large values count: they bound the batch. */
function sizeOf(document: Document): number {
  let bytes = 256;
  for (const value of Object.values(document)) {
    if (typeof value === 'object' && value !== null && 'buffer' in value) bytes += (value.buffer as Uint8Array).length;
  }
  return bytes;
}
