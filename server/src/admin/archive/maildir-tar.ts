/**
 * The mail of an account as a Maildir in a tar archive, written as it streams: nothing lies on the disk in between. Beside it stands
 * `person.json`, by which the account can be made again, and `losses.txt` if a Maildir cannot hold all (keywords beyond 26 a folder). The digest covers every name, time and octet in their order: read back, an
 * archive that has the same digest is the one that was written.
 */
import { createHash } from 'node:crypto';
import type { MailboxInfo } from '../../mailstore/mailbox.js';
import type { MailWriter } from '../export/export-mail.js';
import {
  maildirFolder,
  maildirPlaces,
  maildirUnique,
  subscriptionsFile,
  uidListFile,
} from '../export/maildir-layout.js';
import { nameFile } from '../mail-files/folder-name.js';
import { formatKeywordsFile, lettersOfFlags } from '../mail-files/maildir-flags.js';
import { readTar, type TarFile, tarEnd, tarFolder, tarHeader, tarPadding } from './tar-format.js';

export const personFile = 'person.json';
export const mailFolder = 'Maildir';
const layout = 'maildir++';

export interface MaildirTar extends MailWriter {
  /** A file beside the mail. */
  add(path: string, text: string): Promise<void>;
  /** Writes the end. Resolves with the digest, in hex. */
  finish(): Promise<string>;
}

/** `write` may keep what it is given no longer than until it resolves. */
export function createMaildirTar(write: (octets: Uint8Array) => Promise<void>, nowSeconds: number): MaildirTar {
  const losses: string[] = [];
  const digest = createTarDigest();
  const placeOf = maildirPlaces(layout);
  let current: { readonly path: string; readonly folder: string; readonly keywords: string[] } | undefined;
  let listed: { readonly uid: number; readonly unique: string }[] = [];

  const addFolder = async (path: string): Promise<void> => {
    digest.begin({ path, size: 0, mtime: nowSeconds });
    await write(tarFolder(path, nowSeconds));
  };

  const add = async (path: string, text: string): Promise<void> => {
    const octets = Buffer.from(text);
    const file = { path, size: octets.length, mtime: nowSeconds };
    digest.begin(file);
    digest.octets(octets);
    await write(Buffer.concat([tarHeader(file), octets, tarPadding(octets.length)]));
  };

  const enter = async (mailbox: MailboxInfo): Promise<NonNullable<typeof current>> => {
    if (current?.path === mailbox.path) return current;
    const place = placeOf(mailbox.path);
    const below = maildirFolder(place, layout);
    const folder = below === '' ? mailFolder : `${mailFolder}/${below}`;
    current = { path: mailbox.path, folder, keywords: [] };
    listed = [];
    for (const sub of ['cur', 'new', 'tmp']) await addFolder(`${folder}/${sub}/`);
    if (below !== '') await add(`${folder}/maildirfolder`, '');
    if (place !== mailbox.path) await add(`${folder}/${nameFile}`, `${mailbox.path}\n`);
    return current;
  };

  return {
    losses,
    add,
    async begin(mailbox, known) {
      const { folder, keywords } = await enter(mailbox);
      const { letters, lost } = lettersOfFlags(known.flags, keywords);
      if (lost.length > 0) losses.push(`${mailbox.path}, UID ${known.uid}: no room for the keywords ${lost.join(' ')}`);
      const unique = maildirUnique(mailbox, known);
      const file = { path: `${folder}/cur/${unique}:2,${letters}`, size: known.size, mtime: known.date };
      listed.push({ uid: known.uid, unique });
      let left = known.size;
      digest.begin(file);
      await write(tarHeader(file));
      return {
        async write(octets) {
          left -= octets.length;
          if (left < 0) throw new Error(`${file.path} is longer than its size in the store`);
          digest.octets(octets);
          await write(octets);
        },
        async commit() {
          if (left !== 0) throw new Error(`${file.path} is shorter than its size in the store`);
          await write(tarPadding(known.size));
        },
        // Half a file cannot be taken back: the archive as a whole fails with it.
        abort: async () => undefined,
      };
    },
    async endMailbox(mailbox) {
      const { folder, keywords } = await enter(mailbox);
      await add(`${folder}/dovecot-uidlist`, uidListFile(mailbox, listed));
      if (keywords.length > 0) await add(`${folder}/dovecot-keywords`, formatKeywordsFile(keywords));
    },
    async end(subscriptions) {
      await add(`${mailFolder}/subscriptions`, subscriptionsFile(subscriptions.map(placeOf)));
    },
    async finish() {
      if (losses.length > 0) await add('losses.txt', `${losses.join('\n')}\n`);
      await write(tarEnd());
      return digest.end();
    },
  };
}

/** Of an archive that is read. Throws when it is damaged or cut. */
export async function tarDigest(source: AsyncIterable<Uint8Array>): Promise<string> {
  const digest = createTarDigest();
  for await (const entry of readTar(source)) {
    digest.begin(entry);
    for await (const octets of entry.octets()) digest.octets(octets);
  }
  return digest.end();
}

function createTarDigest() {
  const hash = createHash('sha256');
  return {
    begin: ({ path, size, mtime }: TarFile) => hash.update(`\n${JSON.stringify([path, size, mtime])}\n`),
    octets: (octets: Uint8Array) => hash.update(octets),
    end: () => hash.digest('hex'),
  };
}
