/** FETCH and UID FETCH (RFC 9051 6.4.5, 6.4.9; CHANGEDSINCE RFC 7162 3.1.4.1; BINARY RFC 3516). */
import type { FetchCommand } from '../../codec/imap/fetch.js';
import { ImapSyntaxError } from '../../codec/imap/syntax-error.js';
import { seenBit } from '../../mailstore/flags.js';
import type { MailboxView } from '../../mailstore/mailbox.js';
import { enableCondstore } from '../condstore.js';
import { writeCards } from '../fetch-cards.js';
import { noColumns, writeColumns } from '../fetch-columns.js';
import { writeContents } from '../fetch-contents.js';
import { type FetchPlan, planFetch } from '../fetch-plan.js';
import { tellKeywords } from '../flag-lists.js';
import { indexesOf, indexesOfUids } from '../message-set.js';
import { no, type Outcome, ok } from '../outcome.js';
import { type Selected, type Session, selectedOf } from '../session.js';

export async function fetch(session: Session, command: FetchCommand): Promise<Outcome> {
  const selected = selectedOf(session);
  // RFC 7162 3.2.6: VANISHED needs ENABLE QRESYNC, which is not offered.
  if (command.vanished) throw new ImapSyntaxError('VANISHED needs QRESYNC to be enabled');
  const plan = planFetch(command);
  if (plan.usesModseq) enableCondstore(session, selected.login);
  if (plan.columns.flags) tellKeywords(session, selected);
  const { view } = selected.mailbox.cursor;
  const named = indexesOf(selected.mailbox, command.set, command.uid);
  const indexes = command.changedSince === undefined ? named : changedSince(view, named, command.changedSince);
  if (plan.lazyColumns.length > 0) await view.load(plan.lazyColumns, session.connection.signal);

  if (plan.contents.length === 0 && plan.cards.length === 0) {
    await writeColumns(session, selected, indexes, plan.columns);
  } else if ((await readAndWrite(session, selected, indexes, plan)) < indexes.length) {
    // RFC 2180 4.1: what another session removed is left out, and said at the end (RFC 5530). A UID that is not there is no
    // error (RFC 9051 6.4.9); a sequence number of the client's is.
    const text = 'Some of the messages are gone';
    return command.uid ? ok(text, 'EXPUNGEISSUED') : no(text, 'EXPUNGEISSUED');
  }
  return ok(command.uid ? 'UID FETCH completed' : 'FETCH completed');
}

/** Writes what needs cards or contents, then sets \Seen where that is due. Gives the number of messages written. */
async function readAndWrite(
  session: Session,
  selected: Selected,
  indexes: Uint32Array,
  plan: FetchPlan,
): Promise<number> {
  const { view } = selected.mailbox.cursor;
  const marks = plan.marksSeen && !selected.mailbox.readOnly;
  const unseen: number[] = [];
  let count = 0;
  const done = (index: number): void => {
    count++;
    if (marks && (view.flags[index]! & seenBit) === 0) unseen.push(view.uid[index]!);
  };
  try {
    if (plan.contents.length > 0) await writeContents(session, selected, indexes, plan, done);
    else await writeCards(session, selected, indexes, plan, done);
  } finally {
    // Once for all whose last octet was written; the tagged OK waits for it.
    if (unseen.length > 0) await markSeen(session, selected, Uint32Array.from(unseen));
  }
  return count;
}

/** RFC 9051 6.4.5: \Seen is set implicitly; the change is told as a FETCH of its own. */
async function markSeen(session: Session, selected: Selected, uids: Uint32Array): Promise<void> {
  const { login, mailbox } = selected;
  const { view } = mailbox.cursor;
  const result = await login.account.storeFlags(view.mailbox, { uids, mode: 'add', flags: ['\\Seen'] });
  const { condstore, imap4rev2 } = login.enabled;
  await writeColumns(session, selected, indexesOfUids(view, result.changed), {
    ...noColumns,
    uid: condstore || imap4rev2,
    flags: true,
    modseq: condstore,
  });
}

function changedSince(view: MailboxView, indexes: Uint32Array, since: number): Uint32Array {
  const { modseq } = view;
  return indexes.filter((index) => modseq[index]! > since);
}
