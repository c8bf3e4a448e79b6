import type { MailDatabase } from '../../database/database.js';
import type { MessageId, ModSeq, ThreadId } from '../../kernel/ids.js';
import type { AccountChanges, ChangesOptions, ObjectChanges } from '../account-changes.js';
import type { AccountView } from '../account-view.js';
import type { Emails } from '../emails.js';
import { entriesAbove } from '../entries-above.js';
import { deletedBit } from '../flags.js';
import { type AddsOp, type Entry, entryBytes, type GoneOp } from '../log-entry.js';
import { idBytes, threadBytes } from '../mailbox-columns.js';
import { readSegments } from '../mailbox-loader.js';
import { hexAt } from '../mailbox-version.js';
import { decodeUids } from '../uid-set.js';
import { MailboxMarks } from './mailbox-marks.js';

/**
 * JMAP's `changes` (RFC 8620 5.2) from the log: the entries above a state say which emails, threads and mailboxes came, changed and
 * went. What a flag change names by uid is named by what is there now or by the `gone` that took it away later. "Came" and "went"
 * are told by the first entry that touches an email and by whether it is there now.
 */
export async function changesSince(
  database: MailDatabase,
  view: AccountView,
  since: number,
  options: ChangesOptions,
): Promise<AccountChanges | undefined> {
  for (let attempt = 1; ; attempt++) {
    const { n } = view.state;
    if (since > n) return undefined;
    const log = await readLog(database, view, since);
    if (log === undefined) return undefined;
    const emails = await view.emails.ready();
    // What came meanwhile is no harm: it is told again from the state that this answers with. But better all at once.
    if (emails.asOf === n || attempt >= maxAttempts) return gather(view, emails, log, since, options);
  }
}

/** Reads that somebody else's entries overtook. */
const maxAttempts = 4;
/** Bytes of entries that are kept to answer: who was away for more begins anew. */
const maxLogBytes = 16 * 1024 * 1024;

interface Log {
  readonly entries: readonly Entry[];
  readonly gone: GoneOps;
  /** Ids of what came by ops that were spilled. */
  readonly copied: ReadonlyMap<AddsOp, Uint8Array>;
}

/** undefined when the log does not reach back so far. */
async function readLog(database: MailDatabase, view: AccountView, since: number): Promise<Log | undefined> {
  const log: Entry[] = [];
  let bytes = 0;
  for await (const entries of entriesAbove(database, view, since)) {
    if (entries === undefined) return undefined;
    for (const entry of entries) {
      log.push(entry);
      bytes += entryBytes(entry);
      if (bytes > maxLogBytes) return undefined;
    }
  }
  const gone = await readGone(database, view.account, log);
  const copied = await readCopied(database, view.account, log);
  return gone === undefined || copied === undefined ? undefined : { entries: log, gone, copied };
}

/** undefined when segments that an op was spilled into are not there any more. */
async function readCopied(
  database: MailDatabase,
  account: string,
  entries: readonly Entry[],
): Promise<ReadonlyMap<AddsOp, Uint8Array> | undefined> {
  const copied = new Map<AddsOp, Uint8Array>();
  for (const entry of entries) {
    for (const op of entry.ops) {
      if (op.o !== 'adds' || op.cols !== undefined) continue;
      const rows = await readSegments(database.segments, account, op.segs ?? [], true);
      if (rows?.cold === undefined || rows.count !== op.c) return undefined;
      copied.set(op, rows.cold.id);
    }
  }
  return copied;
}

interface GoneRows {
  readonly uids: Uint32Array;
  readonly ids: Uint8Array;
  readonly threads: Uint8Array;
}
type GoneOps = ReadonlyMap<GoneOp, GoneRows>;

/** What every `gone` names; undefined when segments it was spilled into are not there any more. */
async function readGone(
  database: MailDatabase,
  account: string,
  entries: readonly Entry[],
): Promise<GoneOps | undefined> {
  const gone = new Map<GoneOp, GoneRows>();
  for (const entry of entries) {
    for (const op of entry.ops) {
      if (op.o !== 'gone') continue;
      const uids = decodeUids(op.u);
      if (op.ids !== undefined && op.threads !== undefined) gone.set(op, { uids, ids: op.ids, threads: op.threads });
      else {
        const rows = await readSegments(database.segments, account, op.segs ?? [], true);
        if (rows?.cold === undefined || rows.count !== uids.length) return undefined;
        gone.set(op, { uids, ids: rows.cold.id, threads: rows.cold.thread });
      }
    }
  }
  return gone;
}

/** What is known of one email that was touched. */
interface Touched {
  /** It was there before the first entry that touched it; undefined: the log does not say. */
  readonly before: boolean | undefined;
  thread: string | undefined;
  /** More than keywords changed. */
  moved: boolean;
}

function gather(
  view: AccountView,
  emails: Emails,
  { entries, gone, copied }: Log,
  since: number,
  { maxEmails = Number.POSITIVE_INFINITY, upTo: last = Number.POSITIVE_INFINITY }: ChangesOptions,
): AccountChanges {
  const names = laterNames(entries, gone);
  const touched = new Map<string, Touched>();
  const mailboxes = new MailboxMarks(view.state);
  let fresh: string[] = [];
  const touch: Touch = (id, before, moved, thread) => {
    const known = touched.get(id);
    if (known === undefined) {
      touched.set(id, { before, moved, thread });
      fresh.push(id);
    } else {
      known.moved ||= moved;
      known.thread ??= thread;
    }
  };
  let upTo = since;
  let more = false;
  for (const [position, entry] of entries.entries()) {
    if (entry.n > last) {
      more = true;
      break;
    }
    fresh = [];
    touchEntry({ emails, gone, copied, names, touch }, entry, position);
    if (touched.size > maxEmails && upTo > since) {
      // The entry goes with the next call. What it says of emails that were touched before is told twice.
      for (const id of fresh) touched.delete(id);
      more = true;
      break;
    }
    mailboxes.mark(entry);
    upTo = entry.n;
  }
  return answer(emails, touched, mailboxes, upTo as ModSeq, more);
}

/** Ids by `mailbox/uid` of what is not there any more, with the position of the entry that took it away. */
type LaterNames = ReadonlyMap<string, readonly { readonly position: number; readonly id: string }[]>;

function laterNames(entries: readonly Entry[], gone: GoneOps): LaterNames {
  const wanted = entries.some((entry) => entry.ops.some((op) => op.o === 'flag' || op.o === 'take'));
  const names = new Map<string, { position: number; id: string }[]>();
  if (!wanted) return names;
  for (const [position, entry] of entries.entries()) {
    for (const op of entry.ops) {
      if (op.o !== 'gone') continue;
      const { uids, ids } = gone.get(op)!;
      for (const [i, uid] of uids.entries()) {
        const key = `${op.box}/${uid}`;
        const list = names.get(key);
        const name = { position, id: hexAt(ids, idBytes, i) };
        if (list === undefined) names.set(key, [name]);
        else list.push(name);
      }
    }
  }
  return names;
}

type Touch = (id: string, before: boolean | undefined, moved: boolean, thread?: string) => void;

interface Touching extends Pick<Log, 'gone' | 'copied'> {
  readonly emails: Emails;
  readonly names: LaterNames;
  readonly touch: Touch;
}

function touchEntry({ emails, gone, copied, names, touch }: Touching, entry: Entry, position: number): void {
  for (const op of entry.ops) {
    switch (op.o) {
      case 'add':
        touch(hexAt(op.id, idBytes, 0), false, true, hexAt(op.thread, threadBytes, 0));
        break;
      case 'adds': {
        // COPY and MOVE name what was there.
        const ids = op.cols?.id ?? copied.get(op)!;
        for (let i = 0; i < op.c; i++) touch(hexAt(ids, idBytes, i), true, true);
        break;
      }
      case 'gone': {
        const { uids, ids, threads } = gone.get(op)!;
        for (let i = 0; i < uids.length; i++) {
          touch(hexAt(ids, idBytes, i), true, true, hexAt(threads, threadBytes, i));
        }
        break;
      }
      case 'flag':
        for (const uid of decodeUids(op.u)) {
          const named = nameOf(emails, op.box, uid, position, names);
          // RFC 8621 4.1.1: what is marked \\Deleted is not there. Taking the mark off may have brought it: better told twice.
          const moved = ((op.on | op.off) & deletedBit) !== 0;
          if (named !== undefined) touch(named.id, (op.off & deletedBit) === 0 ? true : undefined, moved, named.thread);
        }
        break;
      case 'take':
        // What lies there below the first uid that came later was taken along.
        for (const number of emails.inMailbox(op.to, entry.after.find((totals) => totals.id === op.to)?.un, true)) {
          touch(emails.idAt(number), undefined, true, emails.threadAt(number));
        }
        break;
      default:
        break;
    }
  }
}

interface Named {
  readonly id: string;
  /** undefined: a later entry says. */
  readonly thread: string | undefined;
}

/** The message that was at (box, uid) when an entry changed its flags. */
function nameOf(emails: Emails, box: string, uid: number, position: number, names: LaterNames): Named | undefined {
  const later = names.get(`${box}/${uid}`)?.find((name) => name.position >= position);
  if (later !== undefined) return { id: later.id, thread: undefined };
  // None: its mailbox was handed to another one since (RENAME INBOX), and all that was in it is touched by that.
  const number = emails.emailAt(box, uid);
  return number < 0 ? undefined : { id: emails.idAt(number), thread: emails.threadAt(number) };
}

function answer(
  emails: Emails,
  touched: ReadonlyMap<string, Touched>,
  marks: MailboxMarks,
  upTo: ModSeq,
  more: boolean,
): AccountChanges {
  const created: string[] = [];
  const updated: string[] = [];
  const destroyed: string[] = [];
  const onlyKeywords = new Set<MessageId>();
  /** Threads that gained or lost an email, and whether one that went was there before. */
  const threads = new Map<string, boolean>();
  const met = new Set<string>();
  for (const [id, { before, moved, thread }] of touched) {
    const number = emails.numberOf(id);
    const threadId = number >= 0 ? emails.threadAt(number) : thread;
    if (threadId !== undefined) met.add(threadId);
    if (number >= 0 && before) {
      updated.push(id);
      if (!moved) onlyKeywords.add(id as MessageId);
    } else if (number >= 0) {
      created.push(id);
      threads.set(threadId!, threads.get(threadId!) ?? false);
    } else if (before !== false) {
      destroyed.push(id);
      if (threadId !== undefined) threads.set(threadId, true);
    }
  }
  // An email makes its thread unread, or read, in every mailbox where the thread is.
  const counted = new Set<string>();
  for (const id of met)
    for (const number of emails.thread(id)) for (const box of emails.mailboxesOf(number)) counted.add(box);
  return {
    upTo,
    more,
    emails: {
      created: created as MessageId[],
      updated: updated as MessageId[],
      destroyed: destroyed as MessageId[],
    },
    onlyKeywords,
    threads: threadChanges(emails, threads, new Set(created)),
    ...marks.answer(counted),
  };
}

function threadChanges(
  emails: Emails,
  touched: ReadonlyMap<string, boolean>,
  createdEmails: ReadonlySet<string>,
): ObjectChanges<ThreadId> {
  const created: string[] = [];
  const updated: string[] = [];
  const destroyed: string[] = [];
  for (const [id, lostOne] of touched) {
    const now = emails.thread(id);
    const before = lostOne || now.some((number) => !createdEmails.has(emails.idAt(number)));
    if (now.length === 0) {
      if (before) destroyed.push(id);
    } else if (before) updated.push(id);
    else created.push(id);
  }
  return { created: created as ThreadId[], updated: updated as ThreadId[], destroyed: destroyed as ThreadId[] };
}
