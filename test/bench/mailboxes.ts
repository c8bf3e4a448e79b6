import type { BenchImap } from './clients/imap.js';
import { message } from './mail/corpus.js';
import { range } from './measure.js';
import { checkEqual, type Target } from './target.js';

/** Mailboxes that several scenarios use. Users: 1 Bench100k, 2 Bench10k and scratch, 4-10 logins, 11-210 idle and deliveries, 211-220 scratch. */

export async function dropMailbox(target: Target, user: number, mailbox: string): Promise<void> {
  const client = await target.imap(user);
  await client.command(`DELETE ${mailbox}`, true);
  await client.logout();
}

export async function emptyInbox(target: Target, user: number, keep = 0): Promise<void> {
  const client = await target.imap(user);
  await client.select('INBOX');
  if (client.exists > keep) {
    await client.command(`STORE ${keep + 1}:* +FLAGS.SILENT (\\Deleted)`);
    await client.command('EXPUNGE');
  }
  await client.logout();
}

export async function inboxCount(target: Target, user: number): Promise<number> {
  const client = await target.imap(user);
  const count = await client.status('INBOX', 'MESSAGES');
  await client.logout();
  return count;
}

export async function openBench10k(target: Target): Promise<BenchImap> {
  const client = await target.imap(2);
  await client.select('Bench10k');
  checkEqual(client.exists, 10_000, 'messages in Bench10k (run load first)');
  return client;
}

let small: readonly Buffer[] | undefined;
/** 200 messages of about 5 KB, used in turn. */
export function smallMessages(): readonly Buffer[] {
  small ??= range(0, 199).map((i) => message('app5k', i));
  return small;
}

let stuffed: readonly Buffer[] | undefined;
/** The same for LMTP DATA: dots doubled, end mark added. */
export function stuffedMessages(): readonly Buffer[] {
  stuffed ??= smallMessages().map((octets) =>
    Buffer.from(`${octets.toString('latin1').replace(/(^|\n)\./g, '$1..')}.\r\n`, 'latin1'),
  );
  return stuffed;
}
