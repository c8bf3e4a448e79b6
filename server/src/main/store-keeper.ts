/**
 * `backup` and `restore`: the store's own copy, the few files beside it that cannot be made again without somebody noticing,
 * and `backup.json`, written last: a folder without it is no backup.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backupStore, startEmbeddedServer, verifyStore } from '@vaguemestre/embedded';
import type { StoreCopy, StoreKeeper } from '../admin/store-keeper.js';
import { type Config, maskSecrets } from '../config/config.js';
import { connect } from '../database/connection.js';
import { copyDatabase } from '../database/copy-database.js';
import { lockDataFolder, lockOwner } from '../database/data-folder.js';
import { openMailDatabase } from '../database/database.js';
import { openPeopleDatabase } from '../database/people-database.js';
import { MailError } from '../kernel/errors.js';
import { dataFileOf, storeFolder } from './open-store.js';

/** Clients may have pinned the certificate, the relay knows the secret, and without the key no archive can be opened. */
const filesBeside = ['archive.key', 'lmtp.secret', 'tls-cert.pem', 'tls-key.pem', 'legacy-cert.pem', 'legacy-key.pem'];
const manifestFile = 'backup.json';
const format = 1;

interface Manifest {
  readonly format: number;
  readonly made: string;
  readonly documents: number;
}

export function createStoreKeeper(config: Config, folder: string): StoreKeeper {
  const uri = config.values['mongodb-uri'];
  return {
    async backup(target, signal) {
      if (uri !== undefined) {
        throw new MailError(
          'cannot',
          'The store is a MongoDB: make backups with its own tools, such as mongodump --oplog',
        );
      }
      if (!existsSync(dataFileOf(folder))) throw new MailError('nonexistent', `There is no store in ${folder}`);
      if (existsSync(target) && (await readdir(target)).length > 0) {
        throw new MailError('alreadyExists', `${target} is not empty`);
      }
      await mkdir(target, { recursive: true, mode: 0o700 });
      const made = new Date().toISOString();
      const socketPath = (await lockOwner(folder))?.socket;
      await backupStore(storeFolder(folder), storeFolder(target), { socketPath });
      signal.throwIfAborted();
      const documents = await verified(target);
      for (const name of filesBeside) await copyIfThere(join(folder, name), join(target, name));
      await writeDurably(join(target, manifestFile), JSON.stringify({ format, made, documents } satisfies Manifest));
      return { documents, bytes: await sizeOf(target), made, where: target };
    },
    async restore(source, signal) {
      const manifest = await readManifest(source);
      return uri === undefined
        ? restoreHere(source, folder, manifest, signal)
        : restoreInto(uri, source, folder, manifest, signal);
    },
  };
}

async function restoreHere(
  source: string,
  folder: string,
  { made }: Manifest,
  signal: AbortSignal,
): Promise<StoreCopy> {
  const lock = await lockDataFolder({ folder, holder: 'restore', signal });
  try {
    if (existsSync(dataFileOf(folder))) throw new MailError('alreadyExists', `There is a store in ${folder} already`);
    for (const name of filesBeside) {
      if (!existsSync(join(folder, name))) await copyIfThere(join(source, name), join(folder, name));
    }
    await backupStore(storeFolder(source), storeFolder(folder));
    return { documents: await verified(folder), bytes: await sizeOf(folder), made, where: folder };
  } finally {
    lock.release();
  }
}

/** A server on a copy of the backup, which stays as it is, and from it by the driver. */
async function restoreInto(
  uri: string,
  source: string,
  folder: string,
  { made }: Manifest,
  signal: AbortSignal,
): Promise<StoreCopy> {
  const lock = await lockDataFolder({ folder, holder: 'restore', signal });
  const scratch = await mkdtemp(join(folder, 'restore-'));
  try {
    await backupStore(storeFolder(source), storeFolder(scratch));
    const server = await startEmbeddedServer({ dataDir: storeFolder(scratch), socketPath: lock.owner.socket });
    const from = await connect({ uri: server.uri });
    const to = await connect({ uri });
    try {
      // The indexes first: a sharded collection wants the one on its key.
      await openMailDatabase(to, {});
      await openPeopleDatabase(to);
      const documents = await copyDatabase(from, to, signal);
      return { documents, bytes: await sizeOf(source), made, where: maskSecrets(uri) };
    } finally {
      await Promise.all([from.close(), to.close()]);
      await server.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
    lock.release();
  }
}

async function readManifest(source: string): Promise<Manifest> {
  let manifest: Partial<Manifest>;
  try {
    manifest = JSON.parse(await readFile(join(source, manifestFile), 'utf8')) as Partial<Manifest>;
  } catch {
    throw new MailError('nonexistent', `There is no whole backup in ${source}`);
  }
  if (manifest.format !== format || !existsSync(dataFileOf(source))) {
    throw new MailError('invalid', `${source} is not a backup that this version can read`);
  }
  return { format, made: String(manifest.made), documents: Number(manifest.documents) };
}

/** Resolves with the number of documents. */
async function verified(folder: string): Promise<number> {
  const { documents, problems } = await verifyStore(storeFolder(folder));
  if (problems.length === 0) return documents;
  throw new MailError('cannot', `The copy in ${folder} is damaged: ${problems.length} problems, first: ${problems[0]}`);
}

const sizeOf = async (folder: string): Promise<number> => (await stat(dataFileOf(folder))).size;

async function copyIfThere(from: string, to: string): Promise<void> {
  if (existsSync(from)) await copyFile(from, to);
}

async function writeDurably(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
