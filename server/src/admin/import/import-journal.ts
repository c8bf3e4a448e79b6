import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * What an import has done, so that it can be stopped, killed or run again at any point and no message is taken twice: a file
 * of lines, added to and synced before and after each batch. The line before says where the batch will be; if the line
 * after is missing, the mailbox itself tells whether it came to be (import-mail.ts).
 */
export interface Intent {
  /** Path of the mailbox here. */
  readonly target: string;
  /** Of the source's mailbox: names the set of keys. */
  readonly from: string;
  readonly keys: readonly string[];
  /** UIDNEXT of the target before: the batch has UIDs from there on. */
  readonly uidNext: number;
  readonly sizes: readonly number[];
}

export interface ImportJournal {
  taken(from: string): ReadonlySet<string>;
  /** The intent of a batch whose outcome was not written. */
  readonly unresolved: Intent | undefined;
  intend(intent: Intent): Promise<void>;
  done(intent: Pick<Intent, 'from' | 'keys'>): Promise<void>;
  /** The batch did not come to be. */
  dropped(): Promise<void>;
  close(): Promise<void>;
}

type Line =
  | ({ readonly is: 'intent' } & Intent)
  | { readonly is: 'done'; readonly from: string; readonly keys: readonly string[] }
  | { readonly is: 'dropped' };

/** One journal for each account, source and target folder. */
export function journalFile(dataFolder: string, account: string, source: string, under: string | undefined): string {
  const name = createHash('sha256')
    .update(JSON.stringify([account, source, under ?? null]))
    .digest('hex')
    .slice(0, 24);
  return join(dataFolder, 'imports', `${name}.jsonl`);
}

export async function openJournal(file: string, options: { readonly forget?: boolean } = {}): Promise<ImportJournal> {
  const taken = new Map<string, Set<string>>();
  let unresolved: Intent | undefined;
  const setOf = (from: string): Set<string> => {
    const set = taken.get(from) ?? new Set();
    taken.set(from, set);
    return set;
  };
  if (options.forget === true) await rm(file, { force: true });
  for (const line of await readLines(file)) {
    if (line.is === 'intent') unresolved = line;
    else {
      unresolved = undefined;
      if (line.is === 'done') for (const key of line.keys) setOf(line.from).add(key);
    }
  }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a', 0o600);
  // A line cut short by a crash must not swallow the next one.
  await handle.appendFile('\n');
  const write = async (line: Line): Promise<void> => append(handle, line);

  return {
    taken: setOf,
    get unresolved() {
      return unresolved;
    },
    intend: (intent) => write({ is: 'intent', ...intent }),
    async done({ from, keys }) {
      await write({ is: 'done', from, keys });
      for (const key of keys) setOf(from).add(key);
      unresolved = undefined;
    },
    async dropped() {
      await write({ is: 'dropped' });
      unresolved = undefined;
    },
    close: () => handle.close(),
  };
}

async function append(handle: FileHandle, line: Line): Promise<void> {
  await handle.appendFile(`${JSON.stringify(line)}\n`);
  await handle.datasync();
}

async function readLines(file: string): Promise<Line[]> {
  if (!existsSync(file)) return [];
  const lines: Line[] = [];
  for (const text of (await readFile(file, 'utf8')).split('\n')) {
    if (text === '') continue;
    try {
      lines.push(JSON.parse(text) as Line);
    } catch {
      // The last line of a process that was killed while it wrote: what it would have said is unresolved.
    }
  }
  return lines;
}
