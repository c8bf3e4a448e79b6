/**
 * The maildrop of one session: the inbox as it was at the login, less what a program deleted before and the person's policy
 * keeps for the webmail (design, Names that protocols share). Numbers and sizes stay what they are until the session ends,
 * whatever IMAP does meanwhile (RFC 1939 5); Eudora gives up when UIDL names another number of messages than STAT.
 *
 * Marks of what was taken are gathered here and committed behind the client's back; deletions are committed by `update` alone,
 * all of them in one entry with the marks, or none.
 */
import type { TakenMail } from '@vaguemestre/shared/people';
import { MailError } from '../kernel/errors.js';
import type { Account } from '../mailstore/account.js';
import type { MessageOctets } from '../mailstore/content.js';
import { bitOf } from '../mailstore/keyword-table.js';
import type { MailboxCursor, MailboxView } from '../mailstore/mailbox.js';
import { inboxPath } from '../mailstore/mailbox-path.js';
import { createReadAhead } from './read-ahead.js';

/** A message was taken by POP3. */
export const takenKeyword = '$POP3';
/** POP3 shows it no more; everything else does. */
export const hiddenKeyword = '$POP3Deleted';

export interface Maildrop {
  readonly account: Account;
  /** All that are numbered, deleted ones too. */
  readonly numbers: number;
  /** Those that are not deleted, and their octets. */
  readonly count: number;
  readonly octets: number;
  /** A number from 1 to `numbers`. */
  isDeleted(number: number): boolean;
  sizeOf(number: number): number;
  /** A message that was taken, in this session or before. */
  isTaken(number: number): boolean;
  /** The highest number that was taken; 0 if none (RFC 1460 LAST). */
  readonly last: number;
  uidls(): Promise<(number: number) => string>;
  /** undefined: it went meanwhile and was collected. */
  read(number: number): Promise<MessageOctets | undefined>;
  /** Position in `view` of a number. */
  readonly view: MailboxView;
  indexOf(number: number): number;
  delete(number: number): void;
  taken(number: number): void;
  /** RSET: no message is deleted, LAST is what it was at the login. */
  reset(): void;
  /** Commits marks that were not committed yet. */
  mark(): Promise<void>;
  /** The UPDATE state (RFC 1939 6). Throws when nothing was removed, or when it is not known. */
  update(policy: TakenMail): Promise<void>;
  close(): void;
}

/** MailError unavailable. The handle is the maildrop's from now on. */
export async function openMaildrop(account: Account): Promise<Maildrop> {
  await account.refresh();
  const inbox = account.mailbox(inboxPath);
  if (inbox === undefined) throw new MailError('unavailable', 'The account has no inbox');
  const cursor = await account.open(inbox.id);
  try {
    await cursor.view.load(['size']);
    return maildropOf(account, cursor);
  } catch (error) {
    cursor.close();
    throw error;
  }
}

function maildropOf(account: Account, cursor: MailboxCursor): Maildrop {
  const { view, info } = cursor;
  const isHidden = keywordTest(view, bitOf(hiddenKeyword, account.keywords));
  const wasTaken = keywordTest(view, bitOf(takenKeyword, account.keywords));
  const listed = listedIndexes(view, isHidden);
  const numbers = listed?.length ?? view.count;
  const indexOf = (number: number): number => (listed === undefined ? number - 1 : listed[number - 1]!);
  const sizeOf = (number: number): number => view.sizeAt(indexOf(number));
  let whole = 0;
  let lastAtLogin = 0;
  for (let number = 1; number <= numbers; number++) {
    whole += sizeOf(number);
    if (wasTaken(indexOf(number))) lastAtLogin = number;
  }
  const deleted = new Set<number>();
  const taken = new Set<number>();
  /** Taken, and not yet committed. */
  let unmarked = new Set<number>();
  let deletedOctets = 0;
  let last = lastAtLogin;
  let uidls: Promise<(number: number) => string> | undefined;
  const readAhead = createReadAhead(account, view, (number) => (number <= numbers ? indexOf(number) : undefined));

  const uidsOf = (some: Iterable<number>): Uint32Array =>
    Uint32Array.from(some, (number) => view.uid[indexOf(number)]!).sort();

  return {
    account,
    view,
    numbers,
    indexOf,
    sizeOf,
    get count() {
      return numbers - deleted.size;
    },
    get octets() {
      return whole - deletedOctets;
    },
    get last() {
      return last;
    },
    isDeleted: (number) => deleted.has(number),
    isTaken: (number) => taken.has(number) || wasTaken(indexOf(number)),
    uidls() {
      uidls ??= account
        .importedUidls(view.mailbox)
        .then((imported) => uidlNames(view, indexOf, info.uidValidity, imported));
      return uidls;
    },
    read: (number) => readAhead.read(number),
    delete(number) {
      if (deleted.has(number)) return;
      deleted.add(number);
      deletedOctets += sizeOf(number);
    },
    taken(number) {
      last = Math.max(last, number);
      if (taken.has(number)) return;
      taken.add(number);
      if (!wasTaken(indexOf(number))) unmarked.add(number);
    },
    reset() {
      deleted.clear();
      deletedOctets = 0;
      last = lastAtLogin;
    },
    async mark() {
      if (unmarked.size === 0) return;
      const marking = unmarked;
      unmarked = new Set();
      try {
        await account.storeFlags(view.mailbox, { uids: uidsOf(marking), mode: 'add', flags: [takenKeyword] });
      } catch (error) {
        for (const number of marking) unmarked.add(number);
        throw error;
      }
    },
    async update(policy) {
      const kept = [...unmarked].filter((number) => !deleted.has(number));
      const marks = [{ uids: uidsOf(kept), flags: [takenKeyword] }];
      if (policy !== 'remove') marks.push({ uids: uidsOf(deleted), flags: [takenKeyword, hiddenKeyword] });
      const gone = policy === 'remove' ? uidsOf(deleted) : new Uint32Array(0);
      const named = marks.filter(({ uids }) => uids.length > 0);
      if (named.length === 0 && gone.length === 0) return;
      await account.settle(view.mailbox, { marks: named, gone });
      unmarked.clear();
    },
    close() {
      readAhead.close();
      cursor.close();
      account.release();
    },
  };
}

/** Whether the message at an index has a flag, by its bit (keyword-table.ts); none has one that the account does not know. */
export function keywordTest(view: MailboxView, bit: number): (index: number) => boolean {
  if (bit < 0) return () => false;
  const word = bit >>> 5;
  const mask = 1 << (bit & 31);
  return (index) => {
    const column = word === 0 ? view.flags : view.keywords[(word - 1) as 0];
    return column !== undefined && (column[index]! & mask) !== 0;
  };
}

/** Indexes of what is shown, undefined when that is all of it. */
function listedIndexes(view: MailboxView, isHidden: (index: number) => boolean): Uint32Array | undefined {
  let shown = 0;
  for (let i = 0; i < view.count; i++) if (!isHidden(i)) shown += 1;
  if (shown === view.count) return undefined;
  const indexes = new Uint32Array(shown);
  for (let i = 0, at = 0; i < view.count; i++) if (!isHidden(i)) indexes[at++] = i;
  return indexes;
}

/** RFC 1939 7: 1 to 70 printable characters; Eudora keeps 69 of them. */
const maxUidlCharacters = 69;

/**
 * Unique and the same for ever (design): the UIDL of the server that a message was imported from, else `uidvalidity.uid` of the
 * inbox in base 32. Of two messages that were imported with one UIDL the second has its own.
 */
function uidlNames(
  view: MailboxView,
  indexOf: (number: number) => number,
  uidValidity: number,
  imported: ReadonlyMap<number, string>,
): (number: number) => string {
  const prefix = `${uidValidity.toString(32)}.`;
  const own = (uid: number): string => prefix + uid.toString(32);
  if (imported.size === 0) return (number) => own(view.uid[indexOf(number)]!);
  const owner = new Map<string, number>();
  for (let index = 0; index < view.count; index++) {
    const uidl = imported.get(view.uid[index]!);
    if (uidl !== undefined && isUidl(uidl) && !owner.has(uidl)) owner.set(uidl, index);
  }
  return (number) => {
    const index = indexOf(number);
    const uidl = imported.get(view.uid[index]!);
    if (uidl !== undefined && owner.get(uidl) === index) return uidl;
    const made = own(view.uid[index]!);
    return owner.has(made) ? `${made}.` : made;
  };
}

function isUidl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x21 || code > 0x7e) return false;
  }
  return text.length > 0 && text.length <= maxUidlCharacters;
}
