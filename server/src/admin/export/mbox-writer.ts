import { type FileHandle, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MailboxInfo } from '../../mailstore/mailbox.js';
import { encodeFsFolder } from '../mail-files/folder-name.js';
import { mboxBody, mboxHead } from '../mail-files/mbox-form.js';
import type { KnownMessage, MailWriter } from './export-mail.js';
import { writeAll } from './write-all.js';

/**
 * One mbox a mailbox, `INBOX.mbox`, `Archives/2025.mbox`, in the form of mbox-form.ts. A file is complete or not there: it is
 * written beside and renamed when the mailbox is done. Run again, all is written anew.
 */
export function createMboxWriter(root: string): MailWriter {
  let current: { readonly path: string; readonly draft: string; readonly file: FileHandle; size: number } | undefined;

  const enter = async (mailbox: MailboxInfo): Promise<NonNullable<typeof current>> => {
    if (current?.path === mailbox.path) return current;
    const draft = `${mboxFile(root, mailbox.path)}.part`;
    await mkdir(dirname(draft), { recursive: true, mode: 0o700 });
    current = { path: mailbox.path, draft, file: await open(draft, 'w', 0o600), size: 0 };
    return current;
  };

  return {
    losses: [],
    async begin(mailbox, known) {
      const mbox = await enter(mailbox);
      const add = async (octets: Uint8Array): Promise<void> => {
        await writeAll(mbox.file, octets, mbox.size);
        mbox.size += octets.length;
      };
      const start = mbox.size;
      const head = { sender: senderOf(known), date: known.date, flags: known.flags };
      const body = mboxBody();
      await add(mboxHead(head, false));
      return {
        async write(octets) {
          if (octets.length > 0) await add(body.write(octets));
        },
        async commit() {
          await add(body.write(new Uint8Array(0)));
          // Whether the last line ends is known only now; the head has the same length either way.
          if (!body.endsWithLine) {
            await writeAll(mbox.file, mboxHead(head, true), start);
            await add(Buffer.from('\n'));
          }
          // The empty line that ends a message.
          await add(Buffer.from('\n'));
        },
        async abort() {
          await mbox.file.close().catch(() => undefined);
          await rm(mbox.draft, { force: true });
          current = undefined;
        },
      };
    },
    async endMailbox(mailbox) {
      const { file, draft } = await enter(mailbox);
      await file.datasync();
      await file.close();
      await rename(draft, mboxFile(root, mailbox.path));
      current = undefined;
    },
    async end(subscriptions) {
      await writeFile(join(root, 'subscriptions'), subscriptions.map((path) => `${path}\n`).join(''));
    },
  };
}

const mboxFile = (root: string, path: string): string => `${join(root, ...path.split('/').map(encodeFsFolder))}.mbox`;

/** From the Return-Path that a delivery puts first. */
function senderOf({ octets }: KnownMessage): string {
  const head = Buffer.from(octets.prefix.length > 0 ? octets.prefix : octets.first.subarray(0, 1000)).toString(
    'latin1',
  );
  return /^Return-Path: <([^>\r\n]+)>/i.exec(head)?.[1] ?? 'MAILER-DAEMON';
}
