/**
 * FETCH responses from columns alone: UID, FLAGS, MODSEQ, RFC822.SIZE, INTERNALDATE. The listing of flags of a whole mailbox
 * is the most frequent large answer there is, so it makes no object a message, waits for slow readers, and lets other
 * sessions have the thread every few milliseconds.
 */
import type { FetchWriter } from '../codec/imap/fetch-writer.js';
import type { MailboxView } from '../mailstore/mailbox.js';
import { tellKeywords } from './flag-lists.js';
import type { Selected, Session } from './session.js';
import { flagFormatter, type LoggedIn } from './session-state.js';

export interface ColumnItems {
  readonly uid: boolean;
  readonly flags: boolean;
  readonly modseq: boolean;
  readonly size: boolean;
  readonly internalDate: boolean;
  readonly emailId: boolean;
  readonly threadId: boolean;
}

export const noColumns: ColumnItems = {
  uid: false,
  flags: false,
  modseq: false,
  size: false,
  internalDate: false,
  emailId: false,
  threadId: false,
};

/** Messages written between two looks at the clock and at the client. */
const batchSize = 500;
const maxTurnMs = 5;

/** The columns that `items` need have been loaded. */
export async function writeColumns(
  session: Session,
  selected: Selected,
  indexes: ArrayLike<number>,
  items: ColumnItems,
): Promise<void> {
  const { connection, services } = session;
  const { login, mailbox } = selected;
  const { view } = mailbox.cursor;
  const turn = createTurn();
  if (items.flags) tellKeywords(session, selected);
  const rows = isFlagListing(items);
  for (let at = 0; at < indexes.length; at += batchSize) {
    const end = Math.min(indexes.length, at + batchSize);
    services.responses.send(connection, (fetch) => {
      for (let i = at; i < end; i++) {
        const index = indexes[i]!;
        if (rows) {
          fetch.flagRow(index + 1, view.uid[index]!, flagsAt(login, view, index));
          continue;
        }
        fetch.begin(index + 1);
        writeColumnItems(fetch, login, view, index, items);
        fetch.end();
      }
    });
    const drained = connection.drained() ?? turn.yielded();
    if (drained !== undefined) await drained;
  }
}

/** The items of one message, between `begin` and `end` of the writer. */
export function writeColumnItems(
  fetch: FetchWriter,
  login: LoggedIn,
  view: MailboxView,
  index: number,
  items: ColumnItems,
): void {
  if (items.uid) fetch.uid(view.uid[index]!);
  if (items.flags) fetch.flags(flagsAt(login, view, index));
  if (items.modseq) fetch.modseq(view.modseq[index]!);
  if (items.size) fetch.size(view.sizeAt(index));
  if (items.internalDate) fetch.internalDate(view.dateAt(index));
  if (items.emailId) fetch.objectId('EMAILID', view.idAt(index));
  if (items.threadId) fetch.objectId('THREADID', view.threadAt(index));
}

function flagsAt(login: LoggedIn, view: MailboxView, index: number): Uint8Array {
  const [word1, word2, word3] = view.keywords;
  return flagFormatter(login).format(
    view.flags[index]!,
    word1 === undefined ? 0 : word1[index]!,
    word2 === undefined ? 0 : word2[index]!,
    word3 === undefined ? 0 : word3[index]!,
  );
}

/** UID and FLAGS and nothing else. */
const isFlagListing = (items: ColumnItems): boolean =>
  items.uid && items.flags && !(items.modseq || items.size || items.internalDate || items.emailId || items.threadId);

export interface Turn {
  /** A promise to await when this task has had the thread for long enough. */
  yielded(): Promise<void> | undefined;
}

/** One long answer must not make every other session wait (ask between batches). */
export function createTurn(): Turn {
  let start = performance.now();
  return {
    yielded() {
      if (performance.now() - start < maxTurnMs) return undefined;
      return new Promise<void>((resolve) => {
        setImmediate(() => {
          start = performance.now();
          resolve();
        });
      });
    },
  };
}
