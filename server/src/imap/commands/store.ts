/**
 * STORE and UID STORE (RFC 9051 6.4.6, 6.4.9; UNCHANGEDSINCE RFC 7162 3.1.3). The store begins at once; its answer comes when it
 * is durable and those before it are answered, so that commits of pipelined STOREs can be shared (store-pipeline.ts).
 */
import { modifiedCode } from '../../codec/imap/response.js';
import type { StoreCommand } from '../../codec/imap/store.js';
import type { FlagResult } from '../../mailstore/account.js';
import { enableCondstore } from '../condstore.js';
import { noColumns, writeColumns } from '../fetch-columns.js';
import { indexesOf, indexesOfUids, uidsAt } from '../message-set.js';
import { type Outcome, ok, outcomeOf, tagged } from '../outcome.js';
import { byeUncertain, isUncertain, requireWritable, type Selected, type Session, selectedOf } from '../session.js';
import { sendUpdates } from '../updates.js';

/** Begins the command; what it returns has to be awaited before the next is read. Throws what is wrong with the command itself. */
export function beginStore(session: Session, tag: string, command: StoreCommand): Promise<void> | undefined {
  const selected = selectedOf(session);
  requireWritable(selected.mailbox);
  // `$` and a set with sequence numbers mean what the view says now; STOREs under way do not change that.
  const { view } = selected.mailbox.cursor;
  const uids = uidsAt(view, indexesOf(selected.mailbox, command.set, command.uid));
  const room = session.stores.room(command.uid, uids);
  if (room === undefined) {
    start(session, selected, tag, command, uids);
    return undefined;
  }
  return whenRoom(session, selected, tag, command, uids, room);
}

async function whenRoom(
  session: Session,
  selected: Selected,
  tag: string,
  command: StoreCommand,
  uids: Uint32Array,
  first: Promise<void>,
): Promise<void> {
  for (let room: Promise<void> | undefined = first; room !== undefined; ) {
    await room;
    room = session.stores.room(command.uid, uids);
  }
  start(session, selected, tag, command, uids);
}

function start(session: Session, selected: Selected, tag: string, command: StoreCommand, uids: Uint32Array): void {
  const { login, mailbox } = selected;
  if (command.unchangedSince !== undefined) enableCondstore(session, login);
  const change = {
    uids,
    mode: command.mode,
    flags: command.flags,
    ...(command.unchangedSince === undefined ? {} : { unchangedSince: command.unchangedSince }),
  };
  const result = uids.length === 0 ? undefined : mailbox.stores.store(change);
  // Its failure is met in the answer, which may come much later.
  result?.catch(() => {});
  session.stores.add(command.uid, uids, async () => {
    let outcome: Outcome;
    try {
      outcome = result === undefined ? done(command) : await answer(session, selected, command, uids, await result);
    } catch (error) {
      if (isUncertain(error)) {
        session.log.error({ err: error }, 'the outcome of a STORE is not known');
        byeUncertain(session);
        session.connection.end();
        return;
      }
      outcome = outcomeOf(error, session.log);
    }
    // A mailbox that was deleted meanwhile has ended the session.
    if (session.state.kind !== 'selected') return;
    await sendUpdates(session, selected, { expunges: command.uid });
    session.connection.write(tagged(tag, outcome));
  });
}

const done = (command: StoreCommand): Outcome => ok(command.uid ? 'UID STORE completed' : 'STORE completed');

async function answer(
  session: Session,
  selected: Selected,
  command: StoreCommand,
  uids: Uint32Array,
  result: FlagResult,
): Promise<Outcome> {
  const { view } = selected.mailbox.cursor;
  const { condstore, imap4rev2 } = selected.login.enabled;
  // RFC 9051 6.4.6: without .SILENT the new value is told for each message; with it, CONDSTORE still wants the new MODSEQ
  // of what changed (RFC 7162 3.1.3).
  const told = command.silent ? (condstore ? result.changed : none) : without(uids, result.conflicts, result.missing);
  if (told.length > 0) {
    await writeColumns(session, selected, indexesOfUids(view, told), {
      ...noColumns,
      uid: command.uid || condstore || imap4rev2,
      flags: !command.silent,
      modseq: condstore,
    });
  }
  if (result.conflicts.length > 0) {
    const numbers = command.uid ? result.conflicts : indexesOfUids(view, result.conflicts).map((index) => index + 1);
    return { ...done(command), code: modifiedCode(numbers), text: 'Some messages were changed by others' };
  }
  // RFC 2180 4.2: with sequence numbers the client thinks that they are there; with UIDs it may know better.
  if (!command.uid && result.missing.length > 0) {
    return { status: 'NO', code: 'EXPUNGEISSUED', text: 'Some of the messages are gone' };
  }
  return done(command);
}

const none = new Uint32Array(0);

/** `uids` without those of the two other lists; all ascending. */
function without(uids: Uint32Array, conflicts: Uint32Array, missing: Uint32Array): Uint32Array {
  if (conflicts.length === 0 && missing.length === 0) return uids;
  const out = new Set([...conflicts, ...missing]);
  return uids.filter((uid) => !out.has(uid));
}
