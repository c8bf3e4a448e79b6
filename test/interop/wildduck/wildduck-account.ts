/**
 * The account that WildDuck's `prepare.sh` makes before each of its protocol tests, on our server: a user `testuser` with the
 * password `pass`, six messages with UIDs 101 to 106, a Sent mailbox below `[Gmail]`. Messages are WildDuck's own fixtures.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Authenticator } from '@vaguemestre/server/auth/authenticator';
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { AccountId } from '@vaguemestre/server/kernel/ids';
import { toCrlf } from '../../harness/corpus.js';
import type { MemoryMailstore } from '../../harness/memory-mailstore.js';
import { shippedTests } from './borrowed-suite.js';

interface Prepared {
  readonly octets: Buffer;
  readonly seen: boolean;
  readonly modseq: number;
}

const fixture = (name: string): Buffer => toCrlf(readFileSync(join(shippedTests, 'fixtures', name)));
const short = (number: number): Buffer =>
  toCrlf(
    Buffer.from(`from: sender@example.com\nto: receiver@example.com\nsubject: test${number}\n\nhello ${number}\n`),
  );

const messages: readonly Prepared[] = [
  { octets: fixture('fix1.eml'), seen: false, modseq: 100 },
  { octets: fixture('fix2.eml'), seen: true, modseq: 5000 },
  { octets: fixture('fix3.eml'), seen: true, modseq: 3 },
  { octets: fixture('fix4.eml'), seen: false, modseq: 4 },
  { octets: short(5), seen: false, modseq: 5 },
  { octets: short(6), seen: false, modseq: 6 },
];

let accounts = 0;
let current: AccountId | undefined;

/** A fresh account; from now on `testuser` is it. */
export async function prepareAccount(mailstore: MemoryMailstore): Promise<void> {
  const account = `wild${String(++accounts).padStart(12, '0')}` as AccountId;
  const state = mailstore.state(account);
  const inbox = state.mailboxes.find((mailbox) => mailbox.path === 'INBOX')!;
  inbox.uidNext = 101;
  for (const { octets, seen } of messages) mailstore.deliver(account, 'INBOX', octets, seen ? ['\\Seen'] : []);
  inbox.messages = inbox.messages.map((message, index) => ({
    ...message,
    // 14-Sep-2013 21:22:28 -0300, in UTC.
    date: index === 0 ? Date.UTC(2013, 8, 15, 0, 22, 28) / 1000 : message.date,
    modseq: messages[index]!.modseq,
  }));
  inbox.uidNext = 1000;
  inbox.highestModseq = 5000;
  state.modseq = 5000;
  const handle = await mailstore.openAccount(account, { by: 'prepare' });
  await handle.rename('Sent', '[Gmail]/Sent Mail');
  await handle.subscribe('Sent', false);
  await handle.subscribe('[Gmail]/Sent Mail', true);
  await handle.subscribe('[Gmail]', false);
  handle.release();
  current = account;
}

export const wildduckAuthenticator: Authenticator = {
  async login({ identity, password }) {
    if (current === undefined || identity !== 'testuser' || Buffer.from(password).toString() !== 'pass') {
      throw new MailError('authenticationFailed', 'Wrong name or password');
    }
    return {
      account: current,
      address: 'testuser@labo.example',
      name: 'Test User',
      role: 'permanent',
      lang: 'en',
      admin: false,
      quotaBytes: undefined,
      eudora: false,
      takenMail: 'remove',
    };
  },
};
