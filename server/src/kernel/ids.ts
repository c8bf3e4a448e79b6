import { randomBytes, randomInt } from 'node:crypto';

declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** 16 random characters of [0-9a-z]: evenly spread, so that it can be the shard key (store.md section 1). */
export type AccountId = Branded<string, 'AccountId'>;
/** A mailbox of one account: 12 random characters of [0-9a-z]. */
export type MailboxId = Branded<string, 'MailboxId'>;
/** A message of one account: ObjectId in hex, 24 characters. EMAILID and JMAP Email id. */
export type MessageId = Branded<string, 'MessageId'>;
/** A thread of one account: 16 hex digits. */
export type ThreadId = Branded<string, 'ThreadId'>;
/** 1 to 2^32-1, ascending in a mailbox, never used twice (RFC 9051 2.3.1.1). */
export type Uid = Branded<number, 'Uid'>;
/** The number of an account's log entry: MODSEQ, JMAP state. Under 2^48 here; clients may send up to 2^63-1. */
export type ModSeq = Branded<number, 'ModSeq'>;

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';

function randomName(length: number): string {
  let name = '';
  for (let i = 0; i < length; i++) name += alphabet[randomInt(alphabet.length)];
  return name;
}

export const newAccountId = (): AccountId => randomName(16) as AccountId;
export const newMailboxId = (): MailboxId => randomName(12) as MailboxId;

/** A 64-bit nonce of this process, never used twice: the first half of the `w` of log entries (store.md section 1). */
export const newProcessNonce = (): string => randomBytes(8).toString('hex');
