/**
 * What was changed, in order: change streams read it. A record is written in the same transaction as its change, under its
 * cluster time (seconds and a counter, strictly rising, as in MongoDB's oplog).
 *
 * A document above `byReferenceBytes` is not written a second time: its record names it, and the stored document carries
 * the record's time behind its BSON. Whoever changes or deletes such a document first puts it into the record, so a reader
 * gets what was inserted, always; but for one over `keepBytes`, which is marked as lost, so that deleting what is large
 * never needs room: a reader that comes to it later is told `ChangeStreamHistoryLost`. Old records go when there are too many; a stream that needed them is told
 * `ChangeStreamHistoryLost`.
 */

import type { Value } from '../bson/element.js';
import { BsonWriter } from '../bson/writer.js';
import type { Collection } from './catalog.js';
import type { Storage } from './storage.js';

export const byReferenceBytes = 1024;
export const keepBytes = 64 * 1024;

export const change = {
  insert: 1,
  update: 2,
  replace: 3,
  delete: 4,
  drop: 5,
  dropDatabase: 6,
} as const;
export type ChangeKind = (typeof change)[keyof typeof change];

/** Set in the kind byte of a record whose document is to be looked up. */
const byReference = 0x80;
const headerBytes = 13;

export interface ChangeRecord {
  readonly time: bigint;
  readonly kind: ChangeKind;
  readonly byReference: boolean;
  readonly collectionId: number;
  readonly wallTimeMs: number;
  /** `{ns, k: {_id}, o: document | u: {...}}` */
  readonly body: Buffer;
}

/** A namespace, or the beginning of one; as bytes, since most records are passed over. */
export type WantedNamespace = { readonly kind: 'exact' | 'prefix'; readonly bytes: Buffer } | { readonly kind: 'all' };

export interface OplogPortion {
  readonly records: ChangeRecord[];
  /** The time of the last record looked at, wanted or not. */
  readonly reached: bigint;
  /** There may be more behind it. */
  readonly more: boolean;
}

export interface Oplog {
  /** The time of the last commit. */
  readonly last: bigint;
  /** The time of the newest record that was dropped: a reader that has not read it yet has lost something. */
  readonly droppedUpTo: bigint;
  /** Inside a write job: writes a record, gives its time, and whether the document must carry it. */
  append(kind: ChangeKind, collection: Collection, detail: ChangeDetail): { time: bigint; reference: boolean };
  /** Inside a write job: before a document whose trailer names `time` changes. */
  keepDocument(time: bigint, document: Buffer): void;
  /** Records behind `after` whose namespace is wanted, some at a time. */
  read(after: bigint, wanted: WantedNamespace): OplogPortion;
  /** Drops the oldest records beyond the limits; some at a time. */
  trim(): Promise<void>;
}

export interface ChangeDetail {
  readonly id?: Value;
  readonly document?: Buffer;
  readonly update?: Buffer;
}

export interface OplogLimits {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

export function timeKey(time: bigint): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeBigUInt64BE(time);
  return key;
}

const firstKey = timeKey(0n);
const behindKey = timeKey(0xffff_ffff_ffff_ffffn);
const droppedKey = Buffer.from('o');
const trimStep = 2000;
/** Records and bytes given to a reader at once. */
const readRecords = 500;
const readBytes = 4 * 1024 * 1024;
const readLooked = 5000;

/** Where the namespace lies in a record: header, length of the document, type, "ns", length of the string. */
const namespaceAt = headerBytes + 4 + 1 + 3 + 4;

function isWanted(record: Buffer, wanted: WantedNamespace): boolean {
  if (wanted.kind === 'all') return true;
  const { bytes } = wanted;
  const end = namespaceAt + bytes.length;
  if (end > record.length || record.compare(bytes, 0, bytes.length, namespaceAt, end) !== 0) return false;
  return wanted.kind === 'prefix' || record[end] === 0;
}

export function openOplog(storage: Storage, limits: OplogLimits): Oplog {
  let last = 0n;
  let committed = 0n;
  let droppedUpTo = 0n;

  function load(): void {
    droppedUpTo = storage.get('meta', droppedKey)?.readBigUInt64BE() ?? 0n;
    const newest = storage.scan('oplog', { from: firstKey, to: behindKey, reverse: true, keysOnly: true });
    const step = newest.next();
    newest.return?.();
    const found = step.done ? droppedUpTo : step.value.key.readBigUInt64BE();
    if (found > last) last = found;
    committed = last;
  }

  function next(): bigint {
    const now = BigInt(Math.floor(Date.now() / 1000)) << 32n;
    last = now > last ? now + 1n : last + 1n;
    return last;
  }

  /** Is the oldest record from before that time? */
  function isOlder(wallTimeMs: number): boolean {
    const oldest = storage.scan('oplog', { from: firstKey, to: behindKey });
    const step = oldest.next();
    const older = !step.done && step.value.value.readDoubleBE(5) < wallTimeMs;
    oldest.return?.();
    return older;
  }

  load();
  storage.onRollback(load);
  storage.onCommit(() => {
    committed = last;
  });

  return {
    get last() {
      return committed;
    },
    get droppedUpTo() {
      return droppedUpTo;
    },
    append(kind, collection, { id, document, update }) {
      const time = next();
      const reference = document !== undefined && document.length > byReferenceBytes;
      const writer = new BsonWriter(
        headerBytes,
        256 + (update?.length ?? 0) + (reference ? 0 : (document?.length ?? 0)),
      );
      writer.buf[0] = reference ? kind | byReference : kind;
      writer.buf.writeUInt32BE(collection.id, 1);
      writer.buf.writeDoubleBE(Date.now(), 5);
      writer.begin().string('ns', collection.namespace);
      if (id) writer.openDocument('k').value('_id', id).close();
      if (document && !reference) writer.document('o', document);
      if (update) writer.document('u', update);
      writer.close();
      const record = writer.bytes();
      storage.put('oplog', timeKey(time), record);
      return { time, reference };
    },
    keepDocument(time, document) {
      const key = timeKey(time);
      const record = storage.get('oplog', key);
      // A reference that leads nowhere is what a reader takes for lost.
      if (record === undefined || document.length > keepBytes) return;
      const writer = new BsonWriter(headerBytes, record.length + document.length + 16);
      record.copy(writer.buf, 0, 0, headerBytes);
      writer.buf[0]! &= ~byReference;
      writer
        .begin()
        .raw(record, headerBytes + 4, record.length - 1)
        .document('o', document)
        .close();
      storage.put('oplog', key, writer.bytes());
    },
    read(after, wanted) {
      const records: ChangeRecord[] = [];
      let reached = after;
      let size = 0;
      let looked = 0;
      let more = false;
      const entries = storage.scan('oplog', { from: timeKey(after + 1n), to: behindKey });
      for (let step = entries.next(); !step.done; step = entries.next()) {
        const { key, value } = step.value;
        const time = key.readBigUInt64BE();
        if (isWanted(value, wanted)) {
          const kind = value[0]!;
          records.push({
            time,
            kind: (kind & ~byReference) as ChangeKind,
            byReference: (kind & byReference) !== 0,
            collectionId: value.readUInt32BE(1),
            wallTimeMs: value.readDoubleBE(5),
            body: Buffer.from(value.subarray(headerBytes)),
          });
          size += value.length;
        }
        reached = time;
        if (++looked >= readLooked || records.length >= readRecords || size >= readBytes) {
          more = true;
          break;
        }
      }
      entries.return?.();
      return { records, reached, more };
    },
    async trim() {
      for (;;) {
        // In pages, and again after each step: records fill them to a half or so, so their lengths alone would count too little
        // of what is there, and too little of what goes. Reading every record to know better would take seconds.
        const held = storage.bytesOf('oplog');
        const keep = Date.now() - limits.maxAgeMs;
        if (held <= limits.maxBytes && !isOlder(keep)) return;
        const dropped = await storage.write(() => {
          const old: { key: Buffer; size: number }[] = [];
          let left = held;
          const entries = storage.scan('oplog', { from: firstKey, to: behindKey });
          for (let step = entries.next(); !step.done; step = entries.next()) {
            const { key, value } = step.value;
            if (left <= limits.maxBytes && value.readDoubleBE(5) >= keep) break;
            if (old.length >= trimStep) break;
            old.push({ key: Buffer.from(key), size: value.length });
            left -= value.length;
          }
          entries.return?.();
          if (old.length === 0) return 0;
          for (const { key } of old) storage.delete('oplog', key);
          const newest = old.at(-1)!.key;
          storage.put('meta', droppedKey, newest);
          droppedUpTo = newest.readBigUInt64BE();
          return old.length;
        });
        if (dropped < trimStep) return;
      }
    },
  };
}
