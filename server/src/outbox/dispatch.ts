/**
 * One submission on its way: taken, handed to whoever delivers, and its outcome written down; then its sender is told if something
 * has to be told. Every step is safe to repeat: the next hop knows a submission by its id, and an update of one who lost the lease
 * changes nothing.
 */
import type { ContentReader } from '../database/contents.js';
import {
  type DueSubmission,
  type SubmissionDocument,
  type SubmissionProgress,
  type Submissions,
  submissionId,
} from '../database/submissions.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { Deliver, RecipientOutcome } from './deliver.js';
import { readContent } from './message-source.js';
import { makeNotice } from './notice.js';
import { afterFailedNotice, afterNotice, afterRound, isOpen, leaseMs } from './progress.js';

export interface DispatchParts {
  readonly submissions: Submissions;
  readonly contents: ContentReader;
  readonly deliver: Deliver;
  /** Of this process, in no other. */
  readonly owner: string;
  /** In notices. */
  readonly hostname: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly count: CountOutgoing;
  /** Told of every account of which a submission changed. */
  readonly changed: (account: string) => void;
}

/** Told of every recipient that a round reached, and of every notice. */
export type CountOutgoing = (outcome: RecipientOutcome['kind'] | 'notice') => void;

/** undefined: somebody else has it. Throws MailError unavailable; then it is taken over when the lease ends. */
export async function dispatch(
  parts: DispatchParts,
  due: DueSubmission,
  signal: AbortSignal,
): Promise<SubmissionDocument | undefined> {
  const { submissions, clock } = parts;
  let taken = await submissions.take(due, parts.owner, new Date(clock.nowMs() + leaseMs));
  if (taken === undefined) return undefined;
  // What is owed from a round that was interrupted comes first: a notice covers one round.
  if (owesNotice(taken)) taken = await step(parts, taken, await tell(parts, taken, signal));
  if (taken === undefined || owesNotice(taken) || taken.settled !== undefined) return taken;
  taken = await step(parts, taken, await attempt(parts, taken, signal));
  if (taken === undefined || !owesNotice(taken)) return taken;
  return step(parts, taken, await tell(parts, taken, signal));
}

function owesNotice({ rcpt }: Pick<SubmissionDocument, 'rcpt'>): boolean {
  return rcpt.some(({ tell: owed }) => owed !== undefined);
}

/** undefined when the lease was lost. */
async function step(
  { submissions, clock, changed, log }: DispatchParts,
  taken: SubmissionDocument,
  progress: SubmissionProgress,
): Promise<SubmissionDocument | undefined> {
  if (!(await submissions.save(taken, progress, new Date(clock.nowMs())))) {
    log.warn({ submission: taken._id }, 'a submission was taken over while it was being delivered');
    return undefined;
  }
  changed(taken.a);
  const { due, settled, ...rest } = progress;
  return { ...taken, ...rest, ...(due && { due }), ...(settled && { settled }) };
}

async function attempt(
  { contents, deliver, clock, log, count }: DispatchParts,
  taken: SubmissionDocument,
  signal: AbortSignal,
): Promise<SubmissionProgress> {
  const open = taken.rcpt.filter(isOpen);
  let outcomes: readonly RecipientOutcome[];
  try {
    outcomes = await deliver(
      {
        id: submissionId(taken),
        from: taken.envelope.from,
        recipients: open.map(({ address, orcpt, notify }) => ({ address, orcpt, notify })),
        octets: again(() => readContent(contents, taken.content)),
        size: taken.size,
        created: taken.notBefore,
        account: taken.a,
        envid: taken.envelope.envid,
        ret: taken.envelope.ret,
        via: taken.via ?? 'HTTP',
      },
      signal,
    );
  } catch (error) {
    log.warn({ err: error, submission: taken._id }, 'a submission could not be delivered, trying again');
    const reply = error instanceof MailError ? `451 4.3.0 ${error.public}` : '451 4.3.0 Internal error';
    outcomes = open.map(() => ({ kind: 'later', reply, doubt: false }));
  }
  for (const { kind } of outcomes) count(kind);
  return afterRound(taken, outcomes, clock.nowMs());
}

async function tell(
  { contents, deliver, hostname, clock, log, count }: DispatchParts,
  taken: SubmissionDocument,
  signal: AbortSignal,
): Promise<SubmissionProgress> {
  const { id, octets } = makeNotice(taken, () => readContent(contents, taken.content), hostname);
  const recipients = [{ address: taken.envelope.from, orcpt: undefined, notify: ['never' as const] }];
  const { notBefore: created, a: account } = taken;
  try {
    const notice = { id, from: '', recipients, octets: again(octets), size: 0, created, account, via: 'LOCAL' };
    const [outcome] = await deliver(notice, signal);
    if (outcome?.kind === 'later') return afterFailedNotice(taken, clock.nowMs());
    // RFC 5321 6.1: a notice that cannot be delivered is dropped; the log keeps that it was.
    if (outcome?.kind !== 'sent') log.warn({ submission: taken._id }, 'a notice about a submission found nobody');
    count('notice');
    return afterNotice(taken, clock.nowMs());
  } catch (error) {
    log.warn({ err: error, submission: taken._id }, 'a notice could not be delivered, trying again');
    return afterFailedNotice(taken, clock.nowMs());
  }
}

/** Each reading begins anew. */
const again = (octets: () => AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => octets()[Symbol.asyncIterator](),
});
