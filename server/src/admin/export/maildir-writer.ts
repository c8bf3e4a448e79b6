import { mkdir, open, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailboxInfo } from '../../mailstore/mailbox.js';
import { encodeFolderName, nameFile } from '../mail-files/folder-name.js';
import { formatKeywordsFile, lettersOfFlags, splitMaildirName } from '../mail-files/maildir-flags.js';
import type { MailWriter } from './export-mail.js';
import { writeAll } from './write-all.js';

/**
 * A Maildir: layout `maildir++` (`.Sent.2025`, which Dovecot and Courier take as it is) or `fs` (`Sent/2025`). The octets of
 * a file are those of the message, line ends included; the time of the file is INTERNALDATE, and `dovecot-uidlist` keeps UIDs
 * and their order. Messages are written to `tmp` and renamed, so a file in `cur` is complete; run again, an export adds what
 * is new.
 */
export type MaildirLayout = 'maildir++' | 'fs';

export function createMaildirWriter(root: string, layout: MaildirLayout): MailWriter {
  const losses: string[] = [];
  let current: { readonly path: string; readonly folder: string; readonly keywords: string[] } | undefined;
  let present = new Map<string, string>();
  let uidList: string[] = [];

  const places = new Map<string, string>();
  /** `a.b` must not fall together with an `a_b` that is there as well. */
  const placeOf = (path: string): string => {
    const known = places.get(path);
    if (known !== undefined) return known;
    let place = layoutPath(path, layout);
    while ([...places.values()].includes(place)) place += '_';
    places.set(path, place);
    return place;
  };

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
    uidList = [];
    const keywords = await keywordsOf(folder);
    current = { path: mailbox.path, folder, keywords };
    return current;
  };

  return {
    losses,
    async begin(mailbox, { uid, date, size, flags }) {
      const { folder, keywords } = await enter(mailbox);
      const { letters, lost } = lettersOfFlags(flags, keywords);
      if (lost.length > 0) losses.push(`${mailbox.path}, UID ${uid}: no room for the keywords ${lost.join(' ')}`);
      const unique = `${date}.M${mailbox.uidValidity}U${uid}.vaguemestre,S=${size}`;
      const name = `${unique}:2,${letters}`;
      uidList.push(`${uid} :${unique}\n`);
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
      const head = `3 V${mailbox.uidValidity} N${mailbox.uidNext}\n`;
      await writeFile(join(folder, 'dovecot-uidlist'), head + uidList.join(''), { mode: 0o600 });
      if (keywords.length > 0) await writeFile(join(folder, 'dovecot-keywords'), formatKeywordsFile(keywords));
    },
    async end(subscriptions) {
      // Version 2 of Dovecot's file: levels are separated by tabs, so that any name can stand in it.
      const lines = subscriptions.map((path) => placeOf(path).split('/').map(subscriptionLevel).join('\t'));
      await writeFile(join(root, 'subscriptions'), `V\t2\n\n${lines.map((line) => `${line}\n`).join('')}`);
    },
  };
}

const subscriptionLevel = (level: string): string => encodeFolderName(level, '\t\\');

/**
 * A path as the layout can have it. Maildir++ separates levels by dots, and in fs a Maildir's own folders lie beside what is
 * below: such names get an underscore, because Dovecot opens no mailbox whose name is spelt in a second way. `nameFile` in
 * the folder says what it is really called.
 */
function layoutPath(path: string, layout: MaildirLayout): string {
  if (layout === 'maildir++') return path.replaceAll('.', '_');
  const levels = path.split('/');
  const reserved = (level: string): boolean => /^(cur|new|tmp|dovecot.*|subscriptions|maildirfolder|\..*)$/.test(level);
  return levels.map((level) => (reserved(level) ? `_${level}` : level)).join('/');
}

function maildirFolder(path: string, layout: MaildirLayout): string {
  if (path === 'INBOX') return '';
  const levels = path.split('/').map((level) => encodeFolderName(level, '/\\:'));
  return layout === 'fs' ? join(...levels) : `.${levels.join('.')}`;
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
