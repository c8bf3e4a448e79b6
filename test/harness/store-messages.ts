/** Short ways to put messages into a mailstore and to read them back, for tests. */

import type { AccountId, MailboxId } from '@vaguemestre/server/kernel/ids';
import type { Account } from '@vaguemestre/server/mailstore/account';
import type { MessageOctets, StagedMessage } from '@vaguemestre/server/mailstore/content';
import type { MailboxCursor, MailboxView } from '@vaguemestre/server/mailstore/mailbox';
import type { Mailstore } from '@vaguemestre/server/mailstore/mailstore';

export const testLimits = { maxBytes: 64 * 1024 * 1024 };

export function letter(subject: string, body = 'Bonjour\r\n', fields: readonly string[] = []): Buffer {
  const head = [
    'From: Anne Martin <anne@labo.example>',
    'To: bruno@labo.example',
    `Subject: ${subject}`,
    'Date: Tue, 24 Nov 2026 08:00:00 +0100',
    ...fields,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

export async function stageMessage(account: Account, octets: Uint8Array): Promise<StagedMessage> {
  const incoming = account.receive(testLimits);
  await incoming.write(octets);
  return incoming.finish();
}

export async function appendOctets(
  account: Account,
  mailbox: MailboxId,
  octets: Uint8Array,
  flags: readonly string[] = [],
): Promise<number> {
  const result = await account.append(mailbox, [{ message: await stageMessage(account, octets), flags }]);
  return result.uids[0]!;
}

export function inboxOf(account: Account): MailboxId {
  return account.mailboxByRole('inbox')!.id;
}

export async function wholeOctets(message: MessageOctets): Promise<Buffer> {
  const parts: Uint8Array[] = [message.prefix, message.first];
  for await (const piece of message.rest()) parts.push(piece);
  return Buffer.concat(parts);
}

export async function readAll(account: Account, view: MailboxView): Promise<Buffer[]> {
  const octets: Buffer[] = [];
  for await (const message of account.readContents(
    view,
    Uint32Array.from({ length: view.count }, (_, i) => i),
  )) {
    octets[message.index] = await wholeOctets(message);
  }
  return octets;
}

/** Every message of the inbox, as text. */
export async function readInbox(mailstore: Mailstore, id: AccountId): Promise<string[]> {
  const account = await mailstore.openAccount(id, { by: 'test' });
  try {
    await account.refresh();
    const cursor = await account.open(inboxOf(account));
    const all = await readAll(account, cursor.view);
    cursor.close();
    return all.map((octets) => octets.toString('utf8'));
  } finally {
    account.release();
  }
}

export function uidsOf(view: MailboxView): number[] {
  return [...view.uid.subarray(0, view.count)];
}

/** What a client would see: uid, flag word and modseq of each message. */
export function rowsOf(cursor: MailboxCursor): [number, number, number][] {
  const { view } = cursor;
  return uidsOf(view).map((uid, i) => [uid, view.flags[i]!, view.modseq[i]!]);
}

/** Waits until `condition` holds; fails after `timeoutMs`. */
export async function until(condition: () => boolean, what: string, timeoutMs = 5_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`timed out waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
