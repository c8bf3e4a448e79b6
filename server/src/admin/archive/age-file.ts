/**
 * Files in the format of age (age-encryption.org/v1), so that `age -d` opens them without us. A file is written beside its place,
 * synced, read back from the disk and decrypted before it gets its name: what has the name can be opened and is whole. The key for
 * reading it back is made for the one file and forgotten, so that the keys of the laboratory need not be at hand.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { MailError } from '../../kernel/errors.js';
import { syncFolder } from '../../kernel/sync-folder.js';
import { writeAll } from '../export/write-all.js';

export interface WrittenFile {
  readonly bytes: number;
  /** Of the file as it lies there, in hex. */
  readonly sha256: string;
}

export interface AgeContent<T> {
  /** `write` copies what it is given. */
  produce(write: (octets: Uint8Array) => Promise<void>): Promise<T>;
  /** What was read back. Throws when it is not what was written. */
  verify(octets: AsyncIterable<Uint8Array>, produced: T): Promise<void>;
}

export async function writeAgeFile<T>(
  file: string,
  recipients: readonly string[],
  content: AgeContent<T>,
  signal: AbortSignal,
): Promise<WrittenFile & { readonly produced: T }> {
  const once = await generateX25519Identity();
  const encrypter = new Encrypter();
  for (const recipient of [...recipients, await identityToRecipient(once)]) encrypter.addRecipient(recipient);
  const part = `${file}.part`;
  try {
    const produced = await writePart(part, encrypter, content, signal);
    const hash = createHash('sha256');
    let bytes = 0;
    const counting = new Transform({
      transform(octets: Buffer, _encoding, done) {
        hash.update(octets);
        bytes += octets.length;
        done(undefined, octets);
      },
    });
    const stream = createReadStream(part, { highWaterMark: 256 * 1024, signal });
    stream.on('error', (error) => counting.destroy(error));
    await content.verify(await decrypted(stream.pipe(counting), [once]), produced);
    await rename(part, file);
    await syncFolder(dirname(file));
    return { produced, bytes, sha256: hash.digest('hex') };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function writePart<T>(
  part: string,
  encrypter: Encrypter,
  content: AgeContent<T>,
  signal: AbortSignal,
): Promise<T> {
  const handle = await open(part, 'w', 0o600);
  try {
    const plain = new TransformStream<Uint8Array, Uint8Array>();
    const writer = plain.writable.getWriter();
    const encrypted = await encrypter.encrypt(plain.readable);
    const written = (async () => {
      for await (const octets of encrypted) await writeAll(handle, octets);
    })();
    // The producer stops when the disk is full, and the file is not finished when the producer fails.
    written.catch((error: unknown) => writer.abort(error).catch(() => undefined));
    try {
      const produced = await content.produce(async (octets) => {
        signal.throwIfAborted();
        // It may wait in the stream while the store uses its buffer again.
        if (octets.length > 0) await writer.write(Uint8Array.from(octets));
      });
      await writer.close();
      await written;
      await handle.sync();
      return produced;
    } catch (error) {
      await writer.abort(error).catch(() => undefined);
      await written.catch(() => undefined);
      throw error;
    }
  } finally {
    await handle.close();
  }
}

/** MailError invalid when none of the identities opens it. */
export async function openAgeFile(file: string, identities: readonly string[]): Promise<AsyncIterable<Uint8Array>> {
  return decrypted(createReadStream(file, { highWaterMark: 256 * 1024 }), identities);
}

async function decrypted(source: Readable, identities: readonly string[]): Promise<AsyncIterable<Uint8Array>> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    return await decrypter.decrypt(Readable.toWeb(source) as ReadableStream<Uint8Array>);
  } catch (error) {
    source.destroy();
    throw new MailError('invalid', 'the archive cannot be opened with this key', { cause: error });
  }
}

/** Secret keys of a file as `age-keygen` writes it. MailError invalid if there are none. */
export async function readIdentities(file: string): Promise<readonly string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim());
  const identities = lines.filter((line) => line.startsWith('AGE-SECRET-KEY-'));
  if (identities.length === 0) throw new MailError('invalid', `${file} holds no age key`);
  return identities;
}

/** Throws what is wrong with the first recipient that is none. */
export function checkRecipients(recipients: readonly string[]): void {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
}

/** The public key of a key file, which is made if it is not there. */
export async function ensureKey(file: string): Promise<string> {
  try {
    const [identity = ''] = await readIdentities(file);
    return await identityToRecipient(identity);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `# public key: ${recipient}\n${identity}\n`, { mode: 0o600, flush: true });
  try {
    // Whole or not there, and never in the place of one that another process made meanwhile.
    await link(draft, file);
    await syncFolder(dirname(file));
    return recipient;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return await ensureKey(file);
  } finally {
    await rm(draft, { force: true });
  }
}
