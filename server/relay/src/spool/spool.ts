/**
 * What was accepted and is not in the store yet: one file a message, in a folder of this process. `finish` resolves when the
 * file and its name are on the disk (invariant 1); only then may anybody say 250. A file is removed when the store has the
 * message. The folder of a process that died is taken over by whoever starts next (`adopt`); what was not finished there was
 * never acknowledged and goes.
 *
 * Bounded in octets and messages. On failure (disk full, no room): MailError limit, temporary, and nothing stays behind.
 */
import { type FileHandle, mkdir, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { KiB, MiB } from '@vaguemestre/server/kernel/limits';
import type { Log } from '@vaguemestre/server/kernel/log';
import { syncFolder } from '@vaguemestre/server/kernel/sync-folder';
import { createGroupSync } from './group-sync.js';
import { isQueueId } from './queue-id.js';
import { encodeRecord, type SpoolRecord } from './spool-record.js';
import { readRecord, readSpoolFile, type SpooledMessage, spooledFile, spooledInMemory } from './spooled-message.js';

export interface SpoolLimits {
  readonly maxBytes: number;
  readonly maxMessages: number;
}

export interface SpoolWriter {
  /** The octets are kept until they are written: do not reuse them. */
  write(octets: Uint8Array): Promise<void> | undefined;
  readonly sizeBytes: number;
  /** What was written so far, from the beginning. */
  octets(): AsyncIterable<Uint8Array>;
  /** Durable when it resolves. */
  finish(record: SpoolRecord): Promise<SpooledMessage>;
  /** Never throws. */
  abort(): void;
}

export interface Spool {
  begin(id: string): SpoolWriter;
  /** Whole messages left by processes that are gone, oldest first; their files are now this process's. */
  adopt(): Promise<readonly SpooledMessage[]>;
  readonly messages: number;
  readonly bytes: number;
  /** Before the last quarter of the room: then only mail from inside is taken. */
  readonly narrow: boolean;
  /** Ends the folder if nothing is in it. */
  close(): Promise<void>;
}

export interface SpoolOptions {
  /** Of all processes of this machine. */
  readonly folder: string;
  /** Of this process, never used before. */
  readonly owner: string;
  /** Says of the owner of another folder whether it lives. */
  readonly lives: (owner: string) => boolean;
  readonly limits: SpoolLimits;
  readonly log: Log;
}

/** Up to here a message is written in one call, with its record, and read from memory. */
const smallBytes = 64 * KiB;
/** Of small messages that wait for the store. */
const maxMemoryBytes = 16 * MiB;

export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { folder, owner, limits, log } = options;
  const own = join(folder, owner);
  await mkdir(own, { recursive: true, mode: 0o700 });
  await syncFolder(folder);
  const directory = await open(own, 'r');
  const names = createGroupSync(() => directory.sync());
  let bytes = 0;
  let messages = 0;
  let memoryBytes = 0;

  const room = (more: number): void => {
    if (bytes + more > limits.maxBytes) throw full();
  };
  const forget = (path: string, size: number, inMemory: boolean) => async (): Promise<void> => {
    await unlink(path);
    bytes -= size;
    messages -= 1;
    if (inMemory) memoryBytes -= size;
  };

  function begin(id: string): SpoolWriter {
    if (messages >= limits.maxMessages) throw full();
    room(1);
    messages += 1;
    const path = join(own, id);
    const held: Uint8Array[] = [];
    let file: FileHandle | undefined;
    let size = 0;
    let crc = 0;
    let over = false;
    const giveUp = (): void => {
      if (over) return;
      over = true;
      messages -= 1;
      bytes -= size;
      const remove = async (): Promise<void> => {
        await file?.close();
        if (file !== undefined) await unlink(path);
      };
      remove().catch((error: unknown) => log.warn({ err: error, id }, 'a file of the spool could not be removed'));
    };
    const put = async (octets: readonly Uint8Array[]): Promise<void> => {
      try {
        file ??= await open(path, 'wx+', 0o600);
        await file.writev(octets as Uint8Array[]);
      } catch (error) {
        throw asFull(error);
      }
    };
    return {
      get sizeBytes() {
        return size;
      },
      write(octets) {
        room(octets.length);
        bytes += octets.length;
        size += octets.length;
        crc = crc32(octets, crc);
        held.push(octets);
        if (size <= smallBytes && file === undefined) return undefined;
        return put(held.splice(0));
      },
      async *octets() {
        if (file !== undefined) yield* readSpoolFile(path, size);
        else yield* held;
      },
      async finish(record) {
        const small = file === undefined && memoryBytes + size <= maxMemoryBytes;
        const tail = encodeRecord(record, crc);
        try {
          await put([...held, tail]);
          await file!.datasync();
          await Promise.all([file!.close(), names.sync()]);
        } catch (error) {
          throw asFull(error);
        }
        over = true;
        if (!small) return spooledFile(record, path, forget(path, size, false));
        memoryBytes += size;
        return spooledInMemory(record, held, forget(path, size, true));
      },
      abort: giveUp,
    };
  }

  /** Renamed first: of two who start at once one has it. */
  async function takeOver(other: string): Promise<SpooledMessage[]> {
    const taken = join(own, `from-${other}`);
    try {
      await rename(join(folder, other), taken);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return gather(taken);
  }

  async function gather(from: string): Promise<SpooledMessage[]> {
    const found: SpooledMessage[] = [];
    for (const name of (await readdir(from)).sort()) {
      const path = join(from, name);
      if (name.startsWith('from-')) {
        found.push(...(await gather(path)));
        continue;
      }
      const record = isQueueId(name) ? await readRecord(path) : undefined;
      if (record === undefined) {
        // Its sender was never told that we have it.
        await rm(path, { force: true, recursive: true });
        continue;
      }
      bytes += record.sizeBytes;
      messages += 1;
      found.push(spooledFile(record, path, forget(path, record.sizeBytes, false)));
    }
    return found;
  }

  return {
    begin,
    async adopt() {
      const found: SpooledMessage[] = [];
      for (const other of await readdir(folder)) {
        if (other === owner || options.lives(other)) continue;
        found.push(...(await takeOver(other)));
      }
      if (found.length > 0)
        log.info({ messages: found.length }, 'messages of a process that ended were found in the spool');
      return found.sort((a, b) => a.record.receivedMs - b.record.receivedMs);
    },
    get messages() {
      return messages;
    },
    get bytes() {
      return bytes;
    },
    get narrow() {
      return bytes > limits.maxBytes * 0.75 || messages > limits.maxMessages * 0.75;
    },
    async close() {
      await directory.close();
      if (messages === 0) await rm(own, { recursive: true, force: true });
    },
  };
}

const full = (cause?: unknown): MailError =>
  new MailError('limit', 'There is no room for more mail at the moment, try again later', { temporary: true, cause });

function asFull(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EMFILE' || code === 'ENFILE' ? full(error) : error;
}
