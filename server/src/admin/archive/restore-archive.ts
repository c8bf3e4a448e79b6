/**
 * Takes an archive back: its Maildir goes into an account by the way of any import, so flags, keywords, dates, folders and
 * subscriptions come along. The files stand in a folder of their own while that lasts, readable by this user alone, and are removed
 * whatever happens; after a kill within a day. Anybody can encrypt for a public key, so what is in an archive is not believed: no name leads out of the folder.
 */
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MailError } from '../../kernel/errors.js';
import type { Account } from '../../mailstore/account.js';
import { writeAll } from '../export/write-all.js';
import { openJournal } from '../import/import-journal.js';
import { type ImportOptions, type ImportReport, importMail } from '../import/import-mail.js';
import { maildirSource } from '../import/maildir-source.js';
import { openAgeFile } from './age-file.js';
import type { ArchivedPerson } from './archive-person.js';
import { mailFolder, personFile } from './maildir-tar.js';
import { readTar } from './tar-format.js';

export interface OpenArchive {
  readonly person: ArchivedPerson;
  restore(account: Account, options: Omit<ImportOptions, 'under' | 'keepNames'>): Promise<ImportReport>;
  /** Removes what was unpacked. */
  close(): Promise<void>;
}

/** `under`: the folder that what is unpacked stands in meanwhile. MailError invalid: no such archive, wrong key, damaged. */
export async function openArchive(
  file: string,
  identities: readonly string[],
  under: string,
  signal: AbortSignal,
): Promise<OpenArchive> {
  await mkdir(under, { recursive: true, mode: 0o700 });
  await removeUnpacked(under, Date.now() - leftoverMs);
  const folder = await mkdtemp(join(under, 'restoring-'));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await unpack(await openAgeFile(file, identities), folder, signal);
    const person = JSON.parse(await readFile(join(folder, personFile), 'utf8')) as ArchivedPerson;
    return {
      person,
      close,
      async restore(account, options) {
        const source = maildirSource(join(folder, mailFolder));
        const journal = await openJournal(join(folder, 'journal'));
        try {
          return await importMail(account, source, journal, { ...options, under: undefined, keepNames: true });
        } finally {
          await journal.close();
          await source.close();
        }
      },
    };
  } catch (error) {
    await close();
    if (error instanceof MailError || signal.aborted) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new MailError('invalid', `${file} cannot be restored: ${why}`, { cause: error });
  }
}

/** No restore takes as long. */
export const leftoverMs = 24 * 3_600_000;

/** What a restore left that was killed: it is readable mail. */
export async function removeUnpacked(under: string, beforeMs: number): Promise<void> {
  let names: readonly string[];
  try {
    names = await readdir(under);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  for (const name of names.filter((one) => one.startsWith('restoring-'))) {
    const folder = join(under, name);
    if ((await stat(folder)).mtimeMs < beforeMs) await rm(folder, { recursive: true, force: true });
  }
}

async function unpack(octets: AsyncIterable<Uint8Array>, folder: string, signal: AbortSignal): Promise<void> {
  for await (const entry of readTar(octets)) {
    signal.throwIfAborted();
    const path = join(folder, safePath(entry.path));
    if (entry.folder) {
      await mkdir(path, { recursive: true, mode: 0o700 });
      continue;
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const handle = await open(path, 'wx', 0o600);
    try {
      for await (const piece of entry.octets()) await writeAll(handle, piece);
    } finally {
      await handle.close();
    }
    await utimes(path, entry.mtime, entry.mtime);
  }
}

function safePath(path: string): string {
  const levels = path.replace(/\/$/, '').split('/');
  const wrong = levels.some((level) => level === '' || level === '.' || level === '..' || level.includes('\0'));
  if (wrong) throw new Error(`the archive holds a name that leads elsewhere: ${JSON.stringify(path.slice(0, 200))}`);
  return levels.join('/');
}
