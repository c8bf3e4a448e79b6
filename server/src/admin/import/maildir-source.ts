import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeFolderName, nameFile } from '../mail-files/folder-name.js';
import { flagsOfLetters, parseKeywordsFile, splitMaildirName } from '../mail-files/maildir-flags.js';
import { type MailSource, roleOfName, type SourceMailbox, type SourceMessage, type Unreadable } from './mail-source.js';

/**
 * A Maildir, in both layouts at once: Maildir++ (`.Sent.2025` beside `cur`) and fs (`Sent/2025/cur`). The order of messages
 * is that of `dovecot-uidlist` where there is one, else of arrival. INTERNALDATE is the time of the file, as Dovecot has it.
 */
export function maildirSource(folder: string): MailSource {
  return {
    name: folder,
    async mailboxes() {
      const subscribed = await subscriptions(folder);
      const found: SourceMailbox[] = [];
      for await (const { directory, path } of walk(folder, [])) {
        const name = (await textOf(join(directory, nameFile)))?.trimEnd().split('/') ?? path;
        found.push(await maildirMailbox(directory, name, subscribed?.has(path.join('/'))));
      }
      return found;
    },
    close: async () => undefined,
  };
}

export async function isMaildir(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  return names.includes('cur') || names.includes('new');
}

/** A folder without a Maildir of its own whose sub-folders are Maildirs: the fs layout of a person without an inbox. */
export async function holdsMaildirs(folder: string): Promise<boolean> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && (await isMaildir(join(folder, entry.name)))) return true;
  }
  return false;
}

const maildirFolders = new Set(['cur', 'new', 'tmp']);

async function* walk(
  directory: string,
  path: readonly string[],
): AsyncGenerator<{ readonly directory: string; readonly path: readonly string[] }> {
  if (await isMaildir(directory)) yield { directory, path };
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.sort((x, y) => (x.name < y.name ? -1 : 1))) {
    if (!entry.isDirectory() || maildirFolders.has(entry.name)) continue;
    const levels = entry.name.startsWith('.') ? entry.name.slice(1).split('.') : [entry.name];
    if (levels.some((level) => level === '')) continue;
    // A slash that stood inside a name would be two levels here.
    const names = levels.map((level) => decodeFolderName(level).replaceAll('/', '_'));
    yield* walk(join(directory, entry.name), [...path, ...names]);
  }
}

async function maildirMailbox(
  directory: string,
  path: readonly string[],
  subscribed: boolean | undefined,
): Promise<SourceMailbox> {
  const files = await list(directory);
  return {
    path,
    role: roleOfName(path),
    subscribed,
    size: files.length,
    messages: (taken, signal) => read(directory, files, taken, signal),
  };
}

interface MaildirFile {
  readonly file: string;
  readonly unique: string;
  readonly letters: string;
}

async function list(directory: string): Promise<MaildirFile[]> {
  const files: MaildirFile[] = [];
  for (const sub of ['cur', 'new']) {
    for (const name of await namesIn(join(directory, sub))) {
      if (!name.startsWith('.')) files.push({ file: join(sub, name), ...splitMaildirName(name) });
    }
  }
  const uids = await uidList(directory);
  const rank = ({ unique }: MaildirFile): number => uids.get(unique) ?? Number.POSITIVE_INFINITY;
  const arrival = ({ unique }: MaildirFile): number => Number.parseInt(unique, 10) || 0;
  return files.sort((x, y) => {
    const [one, other] = [rank(x), rank(y)];
    if (one !== other) return one - other;
    return arrival(x) - arrival(y) || (x.unique < y.unique ? -1 : 1);
  });
}

async function* read(
  directory: string,
  files: readonly MaildirFile[],
  taken: ReadonlySet<string>,
  signal: AbortSignal,
): AsyncGenerator<SourceMessage | Unreadable> {
  const keywords = parseKeywordsFile((await textOf(join(directory, 'dovecot-keywords'))) ?? '');
  for (const [i, { file, unique, letters }] of files.entries()) {
    if (taken.has(unique)) continue;
    signal.throwIfAborted();
    const full = join(directory, file);
    try {
      const { mtimeMs } = await stat(full);
      yield {
        kind: 'message',
        key: unique,
        flags: flagsOfLetters(letters, keywords),
        date: Math.floor(mtimeMs / 1000),
        progress: i + 1,
        octets: () => createReadStream(full, { highWaterMark: 256 * 1024, signal }),
      };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      yield { kind: 'unreadable', key: unique, progress: i + 1, why };
    }
  }
}

/** `dovecot-uidlist` version 3: a heading, then `uid [extensions] :unique name`. */
async function uidList(directory: string): Promise<ReadonlyMap<string, number>> {
  const uids = new Map<string, number>();
  const [, ...lines] = ((await textOf(join(directory, 'dovecot-uidlist'))) ?? '').split('\n');
  for (const line of lines) {
    const uid = Number.parseInt(line, 10);
    const colon = line.indexOf(' :');
    if (uid > 0 && colon > 0) uids.set(splitMaildirName(line.slice(colon + 2)).unique, uid);
  }
  return uids;
}

/** Dovecot's `subscriptions` (levels by tab in version 2, by dot before) and Courier's; undefined if there is neither. */
async function subscriptions(folder: string): Promise<ReadonlySet<string> | undefined> {
  const names = new Set<string>();
  const dovecot = await textOf(join(folder, 'subscriptions'));
  const courier = await textOf(join(folder, 'courierimapsubscribed'));
  if (dovecot === undefined && courier === undefined) return undefined;
  const [first = '', ...more] = (dovecot ?? '').split('\n');
  const levelEnd = first.startsWith('V\t') ? '\t' : '.';
  for (const line of levelEnd === '\t' ? more : [first, ...more]) {
    if (line !== '') names.add(line.split(levelEnd).map(decodeFolderName).join('/'));
  }
  for (const line of (courier ?? '').split('\n')) {
    if (line.startsWith('INBOX.')) names.add(line.slice(6).split('.').map(decodeFolderName).join('/'));
  }
  return names;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
