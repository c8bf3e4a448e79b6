import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { decodeFolderName } from '../mail-files/folder-name.js';
import { type MailSource, roleOfName, type SourceMailbox, type SourceMessage } from './mail-source.js';
import { isMbox, mboxMailbox } from './mbox-source.js';

/**
 * A folder of message files (`.eml`, or the bare numbers of MH), and of mbox files as Thunderbird keeps them (`Inbox`, with
 * `Inbox.sbd` for what is below) or as our own export does. Sub-folders become mailboxes; what is neither is left alone. A
 * single message file is a folder of one.
 */
export function folderSource(root: string): MailSource {
  return {
    name: root,
    async mailboxes() {
      const subscriptions = await readSubscriptions(root);
      const found: SourceMailbox[] = [];
      for await (const mailbox of walk(root, root, [])) {
        found.push({ ...mailbox, subscribed: subscriptions?.has(mailbox.path.join('/')) });
      }
      return found;
    },
    close: async () => undefined,
  };
}

export function emlSource(file: string): MailSource {
  return {
    name: file,
    mailboxes: async () => [emlMailbox(file, [file], [])],
    close: async () => undefined,
  };
}

async function* walk(root: string, folder: string, path: readonly string[]): AsyncGenerator<SourceMailbox> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((x, y) => byNumber.compare(x.name, y.name));
  const messages: string[] = [];
  const below: { readonly folder: string; readonly name: string }[] = [];
  const boxes: SourceMailbox[] = [];
  for (const entry of entries) {
    const full = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) below.push({ folder: full, name: entry.name.replace(/\.sbd$/i, '') });
    else if (!entry.isFile()) continue;
    else if (/\.eml$|^\d+\.?$/i.test(entry.name)) messages.push(full);
    else if (/\.mbo?x$/i.test(entry.name) || (await isMbox(full))) {
      const box = await mboxMailbox(full, [...path, decodeFolderName(entry.name.replace(/\.mbo?x$/i, ''))]);
      boxes.push({ ...box, role: roleOfName(box.path) });
    }
  }
  if (messages.length > 0) yield emlMailbox(root, messages, path);
  yield* boxes;
  for (const { folder: sub, name } of below) yield* walk(root, sub, [...path, decodeFolderName(name)]);
}

/** As our own export writes it beside mbox files: one path a line. */
async function readSubscriptions(root: string): Promise<ReadonlySet<string> | undefined> {
  try {
    return new Set((await readFile(join(root, 'subscriptions'), 'utf8')).split('\n'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** `10.eml` comes after `9.eml`. */
const byNumber = new Intl.Collator('en', { numeric: true });

function emlMailbox(root: string, files: readonly string[], path: readonly string[]): SourceMailbox {
  return {
    path,
    role: roleOfName(path),
    subscribed: undefined,
    size: files.length,
    async *messages(taken, signal) {
      for (const [i, file] of files.entries()) {
        const key = relative(root, file) || basename(file);
        if (taken.has(key)) continue;
        signal.throwIfAborted();
        const { mtimeMs } = await stat(file);
        yield {
          kind: 'message',
          key,
          flags: [],
          date: Math.floor(mtimeMs / 1000),
          progress: i + 1,
          octets: () => createReadStream(file, { highWaterMark: 256 * 1024, signal }),
        } satisfies SourceMessage;
      }
    },
  };
}
