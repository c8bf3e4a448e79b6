/**
 * Archives: the whole mailbox of a person in one encrypted file, verified before anything is said of it, with a line in the store by
 * which it is found, and deleted after a year. A process that dies in the middle leaves a `.part` file that nobody takes for an archive,
 * or an archive without its line: the next one is made beside it, and what nothing names goes after a day.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { People, Person } from '../../auth/people.js';
import type { ArchiveDocument, Archives } from '../../database/archives.js';
import { newObjectId } from '../../database/contents.js';
import { dayAt, type TimeZone } from '../../kernel/calendar.js';
import type { Clock } from '../../kernel/clock.js';
import { keptUntil } from '../../life/schedule.js';
import type { Mailstore } from '../../mailstore/mailstore.js';
import { exportMail } from '../export/export-mail.js';
import { ensureKey, writeAgeFile } from './age-file.js';
import { createMaildirTar, personFile, tarDigest } from './maildir-tar.js';

export interface ArchiveParts {
  readonly mailstore: Pick<Mailstore, 'openAccount'>;
  readonly people: Pick<People, 'get'>;
  readonly archives: Archives;
  readonly folder: string;
  /** Age recipients; none: the key in this file, made when it is first needed. */
  readonly recipients: readonly string[];
  readonly keyFile: string;
  /** Of this machine. */
  readonly host: string;
  readonly zone: TimeZone;
  readonly clock: Clock;
}

/** Resolves when the archive is durable and was read back. */
export async function archivePerson(
  parts: ArchiveParts,
  person: Person,
  signal: AbortSignal,
): Promise<ArchiveDocument> {
  const { clock, zone, folder } = parts;
  const made = new Date(clock.nowMs());
  const id = newObjectId();
  const name = `${fileName(person.address)}-${dayAt(made.getTime(), zone)}-${id.slice(-8)}.tar.age`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const recipients = parts.recipients.length > 0 ? parts.recipients : [await ensureKey(parts.keyFile)];
  const described = await describe(parts, person);
  const account = await parts.mailstore.openAccount(person._id, { by: 'archive' });
  try {
    await account.refresh(signal);
    const { modseq } = account;
    const written = await writeAgeFile(
      join(folder, name),
      recipients,
      {
        async produce(write) {
          const tar = createMaildirTar(write, Math.floor(made.getTime() / 1000));
          await tar.add(personFile, described);
          const report = await exportMail(account, tar, { folder: undefined, onProgress: () => undefined, signal });
          return { digest: await tar.finish(), messages: report.messages };
        },
        async verify(octets, { digest }) {
          if ((await tarDigest(octets)) !== digest) throw new Error(`the archive ${name} is not what was written`);
        },
      },
      signal,
    );
    const document: ArchiveDocument = {
      _id: id,
      a: person._id,
      address: person.address,
      name: person.name,
      file: join(folder, name),
      host: parts.host,
      made,
      keptUntil: keptUntil(made, zone),
      bytes: written.bytes,
      sha256: written.sha256,
      messages: written.produced.messages,
      modseq,
    };
    await parts.archives.add(document);
    return document;
  } finally {
    account.release();
  }
}

/** As the archive tells of a person: enough to make the account again. */
export interface ArchivedPerson {
  readonly address: string;
  readonly aliases: readonly string[];
  readonly name: string;
  readonly role: Person['role'];
  readonly lang: Person['lang'];
  readonly eudora: boolean;
  readonly quota: number | null;
  readonly sponsor: string | null;
  readonly expires: string | null;
  readonly created: string;
}

async function describe({ people }: ArchiveParts, person: Person): Promise<string> {
  const sponsor = person.sponsor === undefined ? undefined : await people.get(person.sponsor);
  const described: ArchivedPerson = {
    address: person.address,
    aliases: person.addresses.filter((one) => one !== person.address),
    name: person.name,
    role: person.role,
    lang: person.lang,
    eudora: person.eudora,
    quota: person.quota ?? null,
    sponsor: sponsor?.address ?? null,
    expires: person.expires?.toISOString() ?? null,
    created: person.created.toISOString(),
  };
  return `${JSON.stringify(described, undefined, 1)}\n`;
}

/** An address as part of a file name: it may hold a slash or begin with a dot. */
const fileName = (address: string): string => address.replaceAll(/[^a-z0-9@._+-]/g, '_').replace(/^\./, '_');

/** Whether an archive still lies there, octet for octet. */
export async function isIntact(archive: ArchiveDocument, signal: AbortSignal): Promise<boolean> {
  const hash = createHash('sha256');
  try {
    for await (const octets of createReadStream(archive.file, { highWaterMark: 256 * 1024, signal })) {
      hash.update(octets as Buffer);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  return hash.digest('hex') === archive.sha256;
}

const dayMs = 24 * 3_600_000;

/** Removes archives of this machine whose year is over, and what an interruption left. Resolves with the former. */
export async function removeOldArchives(parts: ArchiveParts): Promise<readonly ArchiveDocument[]> {
  const { archives, folder, host, clock } = parts;
  const known = await archives.list();
  const old = known.filter((one) => one.host === host && one.keptUntil.getTime() <= clock.nowMs());
  for (const { _id, file } of old) {
    await rm(file, { force: true });
    await archives.remove(_id);
  }
  const named = new Set(known.map(({ file }) => file));
  for (const name of await namesIn(folder)) {
    const file = join(folder, name);
    if (!/\.tar\.age(\.part)?$/.test(name) || named.has(file)) continue;
    if ((await stat(file)).mtimeMs < clock.nowMs() - dayMs) await rm(file, { force: true });
  }
  return old;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
