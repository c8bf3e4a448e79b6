import type { Connection } from './connection.js';
import { accountRange } from './documents.js';
import { isDuplicateKey, repeating } from './failure.js';

/**
 * What waits to be sent, and for some days what was (design, Outbox). One document a submission, `account/id`. It goes
 * pending -> taken -> done, or pending -> cancelled; every step is one conditional update, so that two processes that want the
 * same step cannot both have it. `due` is there while a dispatcher has something to do, and is the one index beside `_id`: finding
 * work costs one read however many submissions are kept.
 */
export interface SubmissionDocument {
  readonly _id: string;
  readonly a: string;
  /** As JMAP names them; empty for what no person wrote. */
  readonly emailId: string;
  readonly threadId: string;
  readonly identityId: string;
  readonly envelope: EnvelopeDocument;
  readonly rcpt: readonly RecipientDocument[];
  /** How many recipients there are. */
  readonly n: number;
  /** Of the outbox itself, `owners: ['out/' + _id]`. */
  readonly content: string;
  /** Octets of the content. */
  readonly size: number;
  /** Language of the sender, for notices. */
  readonly lang: 'fr' | 'en';
  readonly created: Date;
  readonly notBefore: Date;
  readonly priority: number;
  readonly state: SubmissionState;
  /** Who has it in hand. */
  readonly owner?: string;
  /** Counts the takings: an update of one who lost it finds another number. */
  readonly fence: number;
  readonly leaseUntil?: Date;
  /** When a dispatcher looks at it next: `notBefore`, the end of the lease, the next try. Absent when nothing is left to do. */
  readonly due?: Date;
  /** Rounds that left somebody without the message. */
  readonly tries: number;
  /** Counts the changes that its sender sees, and the time of the last of them. */
  readonly v: number;
  readonly changed: Date;
  /** When it became done or cancelled. */
  readonly settled?: Date;
  /** Destroyed by its sender. Unseen from then on; what is under way goes on. */
  readonly hidden?: true;
  /** How it came, for the Received field of a mailbox; absent: written here, by HTTP. What came by SMTP says so itself. */
  readonly via?: string;
}

export type SubmissionState = 'pending' | 'taken' | 'done' | 'cancelled';

/** Parameters as the client gave them, by upper-case name; null: without a value. */
export type ParameterDocument = Readonly<Record<string, string | null>>;

export interface EnvelopeDocument {
  /** Empty for `<>`. */
  readonly from: string;
  readonly parameters?: ParameterDocument;
  /** RFC 3461 4.4 and 4.3. */
  readonly envid?: string;
  readonly ret?: 'full' | 'hdrs';
}

export type RecipientState = 'queued' | 'held' | 'sent' | 'failed';

export interface RecipientDocument {
  readonly address: string;
  readonly parameters?: ParameterDocument;
  /** RFC 3461 4.2: `type;address`, not encoded. */
  readonly orcpt?: string;
  readonly notify?: readonly ('never' | 'success' | 'failure' | 'delay')[];
  readonly state: RecipientState;
  /** The last SMTP reply, one line. */
  readonly reply?: string;
  /** When `reply` was given. */
  readonly at?: Date;
  /** The last try may have reached the mailbox all the same: nobody may say that it did not. */
  readonly doubt?: true;
  /** The sender has still to be told. */
  readonly tell?: 'failed' | 'delayed' | 'delivered';
  /** They were told that it is late: once is enough. */
  readonly toldLate?: true;
}

/** What a dispatcher finds when it looks for work. */
export type DueSubmission = Pick<SubmissionDocument, '_id' | 'a' | 'fence'> & { readonly due: Date };

/** What submissions are found by. */
export type SubmissionOutline = Pick<
  SubmissionDocument,
  '_id' | 'a' | 'emailId' | 'threadId' | 'identityId' | 'notBefore' | 'state'
> & { readonly rcpt: readonly Pick<RecipientDocument, 'state' | 'doubt'>[] };

/** By what it is seen that a submission changed. */
export type SubmissionVersion = Pick<SubmissionDocument, '_id' | 'a' | 'v' | 'created' | 'changed' | 'hidden'>;

/** What changes when a dispatcher is through with a round. Given as undefined: removed. */
export interface SubmissionProgress {
  readonly state: SubmissionState;
  readonly rcpt: readonly RecipientDocument[];
  readonly due: Date | undefined;
  readonly tries: number;
  readonly settled: Date | undefined;
}

export interface OutboxCounts {
  /** Submissions that somebody still waits for. */
  readonly waiting: number;
  /** Of those: with a recipient that no relay takes yet. */
  readonly held: number;
  /** Of those: scheduled for later. */
  readonly scheduled: number;
  readonly oldest: Date | undefined;
}

export interface KeptSubmissions {
  readonly messages: number;
  readonly recipients: number;
  readonly bytes: number;
}

export interface Submissions {
  ensureIndexes(): Promise<void>;
  /** Repeating it is harmless. */
  insert(submission: SubmissionDocument): Promise<void>;
  get(account: string, ids: readonly string[]): Promise<readonly SubmissionDocument[]>;
  /** All that the account may see, in the order of their making. Of each recipient no more than where it stands: there may be
   *  ten thousand a day. */
  outlines(account: string): Promise<readonly SubmissionOutline[]>;
  /** Of all, destroyed ones too, in the order of their making. */
  versions(account: string): Promise<readonly SubmissionVersion[]>;
  /** Accounts of what was settled after. */
  settledSince(after: Date): Promise<readonly string[]>;
  /** How much of the account's is kept: submissions whose content is not freed yet. */
  kept(account: string, since: Date): Promise<KeptSubmissions>;
  /** The next to look at, soonest first, whether their time has come or not. */
  next(limit: number): Promise<readonly DueSubmission[]>;
  /** A way was opened to whoever has to wait for one: they are due now. How many submissions. */
  hurryHeld(now: Date): Promise<number>;
  /** undefined when somebody else was faster. */
  take(due: DueSubmission, owner: string, leaseUntil: Date): Promise<SubmissionDocument | undefined>;
  /** False when it was taken from us meanwhile. */
  save(taken: SubmissionDocument, progress: SubmissionProgress, at: Date): Promise<boolean>;
  /** False when it is not pending (any more). */
  cancel(account: string, id: string, at: Date): Promise<boolean>;
  /** Hides it. False if there is no such submission. */
  destroy(account: string, id: string, at: Date): Promise<boolean>;
  removeAccount(account: string): Promise<void>;
  /** Removes what was settled before. */
  prune(before: Date): Promise<number>;
  /** Of these submissions (`_id`), those that still need their content. */
  needing(ids: readonly string[]): Promise<ReadonlySet<string>>;
  counts(now: Date): Promise<OutboxCounts>;
}

export const submissionKey = (account: string, id: string): string => `${account}/${id}`;
export const submissionId = (document: Pick<SubmissionDocument, '_id' | 'a'>): string =>
  document._id.slice(document.a.length + 1);

const idsPerFind = 200;
const unsetWhenLeft = { owner: '', leaseUntil: '' } as const;
const unsetWhenSettled = { ...unsetWhenLeft, due: '' } as const;

const outlineFields = {
  a: 1,
  emailId: 1,
  threadId: 1,
  identityId: 1,
  notBefore: 1,
  state: 1,
  'rcpt.state': 1,
  'rcpt.doubt': 1,
} as const;

export function submissions({ db, sharded }: Connection): Submissions {
  const collection = db.collection<SubmissionDocument>('submissions');
  const range = (account: string) => ({ a: account, _id: accountRange(account) });

  return {
    ensureIndexes: () =>
      repeating(async () => {
        await collection.createIndex({ due: 1 }, { name: 'due', sparse: true });
        await collection.createIndex({ settled: 1 }, { name: 'settled', sparse: true });
        if (sharded) await collection.createIndex({ a: 1 }, { name: 'account' });
      }),
    insert: (submission) =>
      repeating(async () => {
        try {
          await collection.insertOne(submission);
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
      }),
    get: (account, ids) =>
      repeating(async () => {
        const found: SubmissionDocument[] = [];
        for (let i = 0; i < ids.length; i += idsPerFind) {
          const _id = { $in: ids.slice(i, i + idsPerFind).map((id) => submissionKey(account, id)) };
          found.push(...(await collection.find({ a: account, _id, hidden: { $exists: false } }).toArray()));
        }
        return found;
      }),
    outlines: (account) =>
      repeating(() =>
        collection
          .find({ ...range(account), hidden: { $exists: false } }, { projection: outlineFields, sort: { _id: 1 } })
          .toArray(),
      ),
    versions: (account) =>
      repeating(() =>
        collection
          .find(range(account), { projection: { a: 1, v: 1, created: 1, changed: 1, hidden: 1 }, sort: { _id: 1 } })
          .toArray(),
      ),
    settledSince: (after) =>
      repeating(async () => {
        const found = await collection.find({ settled: { $gt: after } }, { projection: { a: 1 } }).toArray();
        return [...new Set(found.map(({ a }) => a))];
      }),
    kept: (account, since) =>
      repeating(async () => {
        const young = { $or: [{ due: { $exists: true } }, { created: { $gt: since } }] };
        const projection = { size: 1, n: 1 };
        const kept = { messages: 0, recipients: 0, bytes: 0 };
        for await (const { size, n } of collection.find({ ...range(account), ...young }, { projection })) {
          kept.messages += 1;
          kept.recipients += n;
          kept.bytes += size;
        }
        return kept;
      }),
    next: (limit) =>
      repeating(async () => {
        const found = await collection
          .find({ due: { $gt: new Date(0) } }, { projection: { a: 1, fence: 1, due: 1 }, sort: { due: 1 }, limit })
          .toArray();
        return found as unknown as readonly DueSubmission[];
      }),
    hurryHeld: (now) =>
      repeating(async () => {
        const hurried = await collection.updateMany(
          { due: { $gt: now }, 'rcpt.state': 'held', owner: { $exists: false } },
          { $set: { due: now } },
        );
        return hurried.modifiedCount;
      }),
    take: ({ _id, a, fence, due }, owner, leaseUntil) =>
      repeating(async () => {
        const taken = await collection.findOneAndUpdate(
          { _id, a, fence, due },
          { $set: { state: 'taken', owner, leaseUntil, due: leaseUntil }, $inc: { fence: 1 } },
          { returnDocument: 'after' },
        );
        return taken ?? undefined;
      }),
    save: ({ _id, a, fence }, { state, rcpt, due, tries, settled }, changed) =>
      repeating(async () => {
        const set = { state, rcpt, tries, changed, ...(due && { due }), ...(settled && { settled }) };
        const unset = due === undefined ? unsetWhenSettled : unsetWhenLeft;
        const result = await collection.updateOne({ _id, a, fence }, { $set: set, $unset: unset, $inc: { v: 1 } });
        return result.matchedCount === 1;
      }),
    cancel: (account, id, at) =>
      repeating(async () => {
        const result = await collection.updateOne(
          { _id: submissionKey(account, id), a: account, state: 'pending' },
          { $set: { state: 'cancelled', settled: at, changed: at }, $unset: { due: '' }, $inc: { fence: 1, v: 1 } },
        );
        return result.matchedCount === 1;
      }),
    destroy: (account, id, at) =>
      repeating(async () => {
        const result = await collection.updateOne(
          { _id: submissionKey(account, id), a: account, hidden: { $exists: false } },
          { $set: { hidden: true, changed: at }, $inc: { v: 1 } },
        );
        return result.matchedCount === 1;
      }),
    removeAccount: (account) =>
      repeating(async () => {
        await collection.deleteMany(range(account));
      }),
    prune: (before) =>
      repeating(async () => {
        const gone = await collection.deleteMany({ settled: { $gt: new Date(0), $lt: before } });
        return gone.deletedCount;
      }),
    needing: (ids) =>
      repeating(async () => {
        const needing = new Set<string>();
        for (let i = 0; i < ids.length; i += idsPerFind) {
          const _id = { $in: ids.slice(i, i + idsPerFind) };
          const found = await collection
            .find({ _id, settled: { $exists: false } }, { projection: { _id: 1 } })
            .toArray();
          for (const one of found) needing.add(one._id);
        }
        return needing;
      }),
    counts: (now) =>
      repeating(async () => {
        const counts = { waiting: 0, held: 0, scheduled: 0, oldest: undefined as Date | undefined };
        const found = collection.find(
          { due: { $gt: new Date(0) } },
          { projection: { created: 1, notBefore: 1, 'rcpt.state': 1 } },
        );
        for await (const { created, notBefore, rcpt } of found) {
          counts.waiting += 1;
          if (rcpt.some(({ state }) => state === 'held')) counts.held += 1;
          if (notBefore > now) counts.scheduled += 1;
          if (counts.oldest === undefined || created < counts.oldest) counts.oldest = created;
        }
        return counts;
      }),
  };
}
