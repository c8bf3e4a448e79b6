import { mkdir, open, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailboxInfo } from '../../mailstore/mailbox.js';
import { nameFile } from '../mail-files/folder-name.js';
import { formatKeywordsFile, lettersOfFlags, splitMaildirName } from '../mail-files/maildir-flags.js';
import type { MailWriter } from './export-mail.js';
import {
  type MaildirLayout,
  maildirFolder,
  maildirPlaces,
  maildirUnique,
  subscriptionsFile,
  uidListFile,
} from './maildir-layout.js';
import { writeAll } from './write-all.js';

/**
 * A Maildir. The octets of a file are those of the message, line ends included; the time of the file is INTERNALDATE, and
 * `dovecot-uidlist` keeps UIDs and their order. Messages are written to `tmp` and renamed, so a file in `cur` is complete; run
 * again, an export adds what is new.
 */
export function createMaildirWriter(root: string, layout: MaildirLayout): MailWriter {
  const losses: string[] = [];
  let current: { readonly path: string; readonly folder: string; readonly keywords: string[] } | undefined;
  let present = new Map<string, string>();
  let listed: { readonly uid: number; readonly unique: string }[] = [];
  const placeOf = maildirPlaces(layout);

  const enter = async (mailbox: MailboxInfo): Promise<NonNullable<typeof current>> => {
    if (current?.path === mailbox.path) return current;
    const path = placeOf(mailbox.path);
    const folder = join(root, maildirFolder(path, layout));
    for (const sub of ['cur', 'new', 'tmp']) await mkdir(join(folder, sub), { recursive: true, mode: 0o700 });
    // Dovecot: a folder of Maildir++ says that it is one.
    if (folder !== root && layout === 'maildir++') await writeFile(join(folder, 'maildirfolder'), '', { mode: 0o600 });
    if (path !== mailbox.path) await writeFile(join(folder, nameFile), `${mailbox.path}\n`, { mode: 0o600 });
    const names = await readdir(join(folder, 'cur'));
    present = new Map(names.map((name) => [splitMaildirName(name).unique, name]));
    listed = [];
    const keywords = await keywordsOf(folder);
    current = { path: mailbox.path, folder, keywords };
    return current;
  };

  return {
    losses,
    async begin(mailbox, known) {
      const { uid, date, flags } = known;
      const { folder, keywords } = await enter(mailbox);
      const { letters, lost } = lettersOfFlags(flags, keywords);
      if (lost.length > 0) losses.push(`${mailbox.path}, UID ${uid}: no room for the keywords ${lost.join(' ')}`);
      const unique = maildirUnique(mailbox, known);
      const name = `${unique}:2,${letters}`;
      listed.push({ uid, unique });
      const existing = present.get(unique);
      if (existing !== undefined) {
        if (existing !== name) await rename(join(folder, 'cur', existing), join(folder, 'cur', name));
        return undefined;
      }
      const draft = join(folder, 'tmp', unique);
      const file = await open(draft, 'w', 0o600);
      return {
        write: (octets) => writeAll(file, octets),
        async commit() {
          await file.close();
          await utimes(draft, date, date);
          await rename(draft, join(folder, 'cur', name));
        },
        async abort() {
          await file.close().catch(() => undefined);
          await rm(draft, { force: true });
        },
      };
    },
    async endMailbox(mailbox) {
      const { folder, keywords } = await enter(mailbox);
      await writeFile(join(folder, 'dovecot-uidlist'), uidListFile(mailbox, listed), { mode: 0o600 });
      if (keywords.length > 0) await writeFile(join(folder, 'dovecot-keywords'), formatKeywordsFile(keywords));
    },
    async end(subscriptions) {
      await writeFile(join(root, 'subscriptions'), subscriptionsFile(subscriptions.map(placeOf)));
    },
  };
}

async function keywordsOf(folder: string): Promise<string[]> {
  try {
    const text = await readFile(join(folder, 'dovecot-keywords'), 'utf8');
    return text.split('\n').flatMap((line) => line.split(' ')[1] ?? []);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
