/** A message of the spool that is whole: in memory as well while it is small, in its file in any case. */
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { KiB } from '@vaguemestre/server/kernel/limits';
import { decodeTail, type SpoolRecord, tailBytes } from './spool-record.js';

export interface SpooledMessage {
  readonly record: SpoolRecord;
  /** May be called more than once. */
  octets(): AsyncIterable<Uint8Array>;
  /** The store has it. */
  remove(): Promise<void>;
}

const chunkBytes = 256 * KiB;
/** More than the recipients that a message may have need: a file with a longer one was not written by us. */
const maxRecordBytes = 8 * 1024 * KiB;

export const spooledFile = (record: SpoolRecord, path: string, remove: () => Promise<void>): SpooledMessage => ({
  record,
  octets: () => readSpoolFile(path, record.sizeBytes),
  remove,
});

export const spooledInMemory = (
  record: SpoolRecord,
  held: readonly Uint8Array[],
  remove: () => Promise<void>,
): SpooledMessage => ({
  record,
  async *octets() {
    yield* held;
  },
  remove,
});

export async function* readSpoolFile(path: string, sizeBytes: number): AsyncIterable<Uint8Array> {
  const file = await open(path, 'r');
  try {
    for (let at = 0; at < sizeBytes; ) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, sizeBytes - at));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) throw new Error(`${path} is shorter than it was`);
      at += bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** undefined: the file was not finished, or is not what was written. */
export async function readRecord(path: string): Promise<SpoolRecord | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size < tailBytes) return undefined;
    const end = Buffer.alloc(tailBytes);
    await file.read(end, 0, tailBytes, size - tailBytes);
    const tail = decodeTail(end, size);
    if (tail === undefined || tail.recordBytes > maxRecordBytes) return undefined;
    let crc = 0;
    for await (const chunk of readSpoolFile(path, tail.sizeBytes)) crc = crc32(chunk, crc);
    const json = Buffer.alloc(tail.recordBytes);
    await file.read(json, 0, json.length, tail.sizeBytes);
    if (crc32(json, crc) !== tail.crc) return undefined;
    return JSON.parse(json.toString('utf8')) as SpoolRecord;
  } finally {
    await file.close();
  }
}
