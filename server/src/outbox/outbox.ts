/**
 * What waits to be sent (design, Outbox). `submit` resolves when message and submission are durable: from then on the message
 * reaches every recipient's next hop once, or its sender is told; whichever process dies. Nothing here knows mailboxes: `main`
 * gives what delivers.
 */
import type { Commits } from '../database/commits.js';
import { noSupportWrites } from '../database/commits.js';
import { bornSeconds, type Contents, newObjectId } from '../database/contents.js';
import type { OutboxCounts, SubmissionDocument, Submissions } from '../database/submissions.js';
import { submissionId, submissionKey } from '../database/submissions.js';
import { trustedTime } from '../database/trusted-time.js';
import type { Upkeep } from '../database/upkeep.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import { maxOutboxBytes, maxOutboxMessages, maxOutboxRecipients } from '../kernel/limits.js';
import { writeMessage } from './message-writer.js';
import type { OutboxNews } from './news.js';
import { type NewSubmission, type Submission, type SubmissionSummary, submissionOf, summaryOf } from './submission.js';
import { type SubmissionChanges, type SubmissionMark, submissionChanges, submissionState } from './submission-state.js';

export interface Outbox {
  /** MailError limit (too much is waiting), tooBig, invalid (the header does not end), unavailable. */
  submit(submission: NewSubmission, message: OutgoingOctets): Promise<Submission>;
  /** Those that are there, in no particular order. */
  get(account: AccountId, ids: readonly string[]): Promise<readonly Submission[]>;
  /** All of them without their recipients, oldest first. */
  summaries(account: AccountId): Promise<readonly SubmissionSummary[]>;
  /** Of all of the account's, to ask later what changed since. */
  state(account: AccountId): Promise<string>;
  /** undefined: it is not known (any more). */
  changesSince(
    account: AccountId,
    state: string,
  ): Promise<(SubmissionChanges & { readonly state: string }) | undefined>;
  /** Told when something of the account may have changed, until what this returns is called. */
  watch(account: AccountId, changed: () => void): () => void;
  /** Takes it back before anybody has it. */
  cancel(account: AccountId, id: string): Promise<'cancelled' | 'tooLate' | 'nonexistent'>;
  /** Forgets it; what is under way goes on. False if there is none. */
  destroy(account: AccountId, id: string): Promise<boolean>;
  /** Of somebody who is removed: what has not gone yet does not go. */
  removeAccount(account: AccountId): Promise<void>;
  /** Removes contents that are not needed any more, and what has been settled for long. One process does it for all. */
  collect(signal: AbortSignal): Promise<void>;
  counts(): Promise<OutboxCounts>;
}

export interface OutgoingOctets {
  /** As its sender keeps it; Bcc is removed on the way. */
  readonly octets: AsyncIterable<Uint8Array>;
  readonly size: number;
  readonly maxBytes: number;
}

export interface OutboxParts {
  readonly submissions: Submissions;
  readonly contents: Pick<Contents, 'writePiece'>;
  readonly commits: Pick<Commits, 'writeSupports'>;
  readonly upkeep: Upkeep;
  /** In a Message-ID that the sender's program did not write. */
  readonly domain: string;
  readonly clock: Clock;
  /** Told when something may be due now. */
  readonly wake: () => void;
  readonly news: OutboxNews;
}

const dayMs = 24 * 3600 * 1000;
/** How long a submission can be looked at after it is settled. */
const keptMs = 30 * dayMs;
const outboxOwner = 'out/';

export function createOutbox(parts: OutboxParts): Outbox {
  const { submissions, upkeep, clock, news } = parts;

  async function checkRoom(account: AccountId, more: { readonly size: number; readonly recipients: number }) {
    const { messages, recipients, bytes } = await submissions.kept(account, new Date(clock.nowMs() - dayMs));
    const fits = messages < maxOutboxMessages && recipients + more.recipients <= maxOutboxRecipients;
    if (fits && bytes + more.size <= maxOutboxBytes) return;
    throw new MailError(
      'limit',
      'You have sent as much as can be sent in a day, or too much is waiting; try again tomorrow',
    );
  }

  async function marks(account: AccountId): Promise<readonly SubmissionMark[]> {
    return (await submissions.versions(account)).map((one) => ({
      id: submissionId(one),
      version: one.v,
      createdMs: one.created.getTime(),
      changedMs: one.changed.getTime(),
      destroyed: one.hidden === true,
    }));
  }

  return {
    async submit(submission, message) {
      const { account, envelope, recipients } = submission;
      if (recipients.length === 0) throw new MailError('invalid', 'The message has no recipient');
      await checkRoom(account, { size: message.size, recipients: recipients.length });
      const created = new Date(clock.nowMs());
      const id = submission.id ?? newObjectId();
      const _id = submissionKey(account, id);
      const content = await writeMessage(parts.contents, {
        octets: message.octets,
        owner: outboxOwner + _id,
        maxBytes: message.maxBytes,
        date: created,
        messageId: `${id}@${parts.domain}`,
      });
      // First the content: a submission never names what is not there. Without its submission it is collected.
      await parts.commits.writeSupports({ ...noSupportWrites, contents: [content] });
      const notBefore = new Date(Math.max(submission.notBeforeMs, created.getTime()));
      const document: SubmissionDocument = {
        _id,
        a: account,
        emailId: submission.emailId,
        threadId: submission.threadId,
        identityId: submission.identityId,
        envelope,
        rcpt: recipients.map((recipient) => ({ ...recipient, state: 'queued' })),
        n: recipients.length,
        content: content._id,
        size: content.size,
        lang: submission.lang,
        created,
        notBefore,
        priority: 0,
        state: 'pending',
        fence: 0,
        due: notBefore,
        tries: 0,
        v: 0,
        changed: created,
        // It says itself how it came: its program's hand-over stands in its own Received.
        ...(submission.emailId === '' && { via: 'LOCAL' }),
        ...(submission.unlisted && { hidden: true }),
      };
      await submissions.insert(document);
      parts.wake();
      news.tell(account);
      return submissionOf(document);
    },
    async get(account, ids) {
      return (await submissions.get(account, ids)).map(submissionOf);
    },
    async summaries(account) {
      return (await submissions.outlines(account)).map(summaryOf);
    },
    async state(account) {
      return submissionState(await marks(account));
    },
    async changesSince(account, state) {
      const now = await marks(account);
      const changes = submissionChanges(state, now, clock.nowMs() - keptMs + dayMs);
      return changes && { ...changes, state: submissionState(now) };
    },
    watch: (account, changed) => news.watch(account, changed),
    async cancel(account, id) {
      if (await submissions.cancel(account, id, new Date(clock.nowMs()))) {
        news.tell(account);
        return 'cancelled';
      }
      const [found] = await submissions.get(account, [id]);
      if (found === undefined) return 'nonexistent';
      // A first answer that was lost on the way, or two clients with the same thought.
      return found.state === 'cancelled' ? 'cancelled' : 'tooLate';
    },
    async destroy(account, id) {
      const done = await submissions.destroy(account, id, new Date(clock.nowMs()));
      if (done) news.tell(account);
      return done;
    },
    removeAccount: (account) => submissions.removeAccount(account),
    async collect(signal) {
      const nowMs = await trustedTime(upkeep, clock.nowMs());
      for await (const batch of upkeep.outboxContents()) {
        signal.throwIfAborted();
        const old = batch.filter(({ content }) => bornMs(content) < nowMs - dayMs);
        const needing = await submissions.needing(old.flatMap(({ owners }) => owners.map(submissionOfOwner)));
        for (const { content, owners } of old) {
          for (const owner of owners) {
            if (!needing.has(submissionOfOwner(owner))) await upkeep.disown(owner, [content]);
          }
        }
      }
      await submissions.prune(new Date(nowMs - keptMs));
    },
    counts: () => submissions.counts(new Date(clock.nowMs())),
  };
}

const submissionOfOwner = (owner: string): string => owner.slice(outboxOwner.length);

function bornMs(content: string): number {
  return bornSeconds(content.slice(content.indexOf('/') + 1)) * 1000;
}
