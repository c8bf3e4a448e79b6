/**
 * Checking a store that no server owns at the moment: every document readable and under its own key, every index entry
 * belonging to a document that has it, and no document without its entries.
 */
import { validateDocument } from './bson/element.js';
import type { Collection, Index } from './engine/catalog.js';
import { documentKey, idOf } from './engine/documents.js';
import { openEngine } from './engine/engine.js';
import { collectionPrefix, entryKey, indexKeys, indexPrefix, prefixEnd } from './engine/index-keys.js';
import type { Storage } from './engine/storage.js';

export interface StoreReport {
  readonly collections: number;
  readonly documents: number;
  readonly indexEntries: number;
  /** What is wrong, in words; the first hundred. */
  readonly problems: readonly string[];
}

const maxProblems = 100;

/** Opens the store for itself: the folder must not be in use by a server. */
export async function verifyStore(dataDir: string): Promise<StoreReport> {
  const engine = openEngine(dataDir);
  const problems: string[] = [];
  const report = (text: string) => {
    if (problems.length < maxProblems) problems.push(text);
  };
  let collections = 0;
  let documents = 0;
  let indexEntries = 0;
  try {
    for (const collection of engine.catalog.all()) {
      collections++;
      documents += verifyDocuments(engine.storage, collection, report);
      for (const index of collection.indexes) indexEntries += verifyIndex(engine.storage, collection, index, report);
    }
  } finally {
    await engine.close();
  }
  return { collections, documents, indexEntries, problems };
}

function verifyDocuments(storage: Storage, collection: Collection, report: (text: string) => void): number {
  const prefix = collectionPrefix(collection);
  let count = 0;
  const entries = storage.scan('docs', { from: prefix, to: prefixEnd(prefix) });
  for (let step = entries.next(); !step.done; step = entries.next()) {
    const key = Buffer.from(step.value.key);
    const stored = Buffer.from(step.value.value);
    const shown = `${collection.namespace}, key ${key.toString('hex')}`;
    count++;
    try {
      const document = stored.subarray(0, stored.readInt32LE(0));
      validateDocument(document, 0, document.length);
      const id = idOf(document);
      if (id === undefined || !documentKey(collection, id).equals(key))
        report(`${shown}: document under a key that is not its own`);
      for (const index of collection.indexes) {
        for (const values of indexKeys(index, document).keys) {
          if (!storage.has('index', entryKey(index, values, key.subarray(4))))
            report(`${shown}: not in index ${index.name}`);
        }
      }
    } catch (error) {
      report(`${shown}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return count;
}

function verifyIndex(storage: Storage, collection: Collection, index: Index, report: (text: string) => void): number {
  const prefix = indexPrefix(index);
  let count = 0;
  let lastValues: Buffer | undefined;
  const entries = storage.scan('index', { from: prefix, to: prefixEnd(prefix) });
  for (let step = entries.next(); !step.done; step = entries.next()) {
    const entry = Buffer.from(step.value.key);
    const bareId = Buffer.from(step.value.value);
    const shown = `${collection.namespace}, index ${index.name}, entry ${entry.toString('hex')}`;
    count++;
    const values = entry.subarray(4, entry.length - bareId.length);
    if (index.unique && lastValues?.equals(values)) report(`${shown}: value is there twice in a unique index`);
    lastValues = values;
    const key = Buffer.allocUnsafe(4 + bareId.length);
    key.writeUInt32BE(collection.id);
    bareId.copy(key, 4);
    const stored = storage.get('docs', key);
    if (stored === undefined) report(`${shown}: no such document`);
    else if (!indexKeys(index, stored.subarray(0, stored.readInt32LE(0))).keys.some((own) => own.equals(values))) {
      report(`${shown}: the document has another value`);
    }
  }
  return count;
}
