/**
 * A copy of a store while a server writes to it: one consistent state, the last commit when the copy began, in a folder that
 * a server can be started on. Compacted, the copy leaves out pages that are free; the store's own file never shrinks.
 *
 * The copy pins the state it is made of: pages that writers free meanwhile are used again only afterwards. Until it is
 * whole the copy has another name, so what has the name can be trusted.
 */
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { besideServer } from './client/beside-server.js';
import { storeFormat } from './engine/storage.js';

const lmdb = createRequire(import.meta.url)('lmdb') as typeof import('lmdb');

const dataFile = 'data.mdb';

export interface BackupOptions {
  /** Of the server that writes to the store at the moment, if one does. */
  readonly socketPath?: string | undefined;
  readonly compact?: boolean;
}

export async function backupStore(dataDir: string, targetDir: string, options: BackupOptions = {}): Promise<void> {
  const { socketPath, compact = true } = options;
  if (!existsSync(join(dataDir, dataFile))) throw new Error(`there is no store in ${dataDir}`);
  if (existsSync(join(targetDir, dataFile))) throw new Error(`there is a store in ${targetDir} already`);
  await mkdir(targetDir, { recursive: true, mode: 0o700 });
  const partial = join(targetDir, 'partial');
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  const open = () => lmdb.open(dataDir, { ...storeFormat, readOnly: true });
  const root = await (socketPath === undefined ? open() : besideServer(socketPath, open));
  try {
    await root.backup(partial, compact);
  } finally {
    await root.close();
  }
  const file = join(partial, dataFile);
  await sync(file);
  await rename(file, join(targetDir, dataFile));
  await rm(partial, { recursive: true, force: true });
  await sync(targetDir);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
