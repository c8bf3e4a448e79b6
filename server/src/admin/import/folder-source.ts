import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { type MailSource, roleOfName, type SourceMailbox, type SourceMessage } from './mail-source.js';
import { isMbox, mboxMailbox, mboxName } from './mbox-source.js';

/**
 * A folder of message files (`.eml`, or no ending at all), and of mbox files as Thunderbird keeps them (`Inbox`, with
 * `Inbox.sbd` for what is below). Sub-folders become mailboxes. A single message file is a folder of one.
 */
export function folderSource(root: string): MailSource {
  return {
    name: root,
    async mailboxes() {
      const found: SourceMailbox[] = [];
      for await (const mailbox of walk(root, root, [])) found.push(mailbox);
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
    // Indexes of mail programs, and what is hidden.
    if (entry.name.startsWith('.') || /\.(msf|dat|html|json|db|log|ini)$/i.test(entry.name)) continue;
    if (entry.isDirectory()) below.push({ folder: full, name: entry.name.replace(/\.sbd$/i, '') });
    else if (!entry.isFile()) continue;
    else if (/\.eml$/i.test(entry.name)) messages.push(full);
    else if (await isMbox(full)) {
      const box = await mboxMailbox(full, [...path, mboxName(full).normalize('NFC')]);
      boxes.push({ ...box, role: roleOfName(box.path) });
    } else messages.push(full);
  }
  if (messages.length > 0) yield emlMailbox(root, messages, path);
  yield* boxes;
  for (const { folder: sub, name } of below) yield* walk(root, sub, [...path, name.normalize('NFC')]);
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
