/**
 * The state machine of a submission, as a pure function: where a round of attempts leaves it. Two rules hold. A submission goes back
 * to `pending`, where its sender may still take it back, only while it is certain that nobody has it. And `due` says when the
 * next step is to be taken, whoever takes it: a process that dies in the middle leaves work, not a gap.
 */
import type { RecipientDocument, SubmissionDocument, SubmissionProgress } from '../database/submissions.js';
import type { RecipientOutcome } from './deliver.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** RFC 5321 4.5.4.1: at least 30 minutes between tries in the long run; the first ones sooner, most troubles are short. */
const retryMs = [minuteMs, 5 * minuteMs, 15 * minuteMs, 30 * minuteMs, hourMs, 2 * hourMs] as const;
/** RFC 5321 4.5.4.1: the give-up time is at least 4 to 5 days. Under the 7 days for which the store knows a hand-over again. */
export const giveUpMs = 5 * 24 * hourMs;
/** How long one process may have a submission in hand before another takes it over. Twice is harmless, late is not. */
export const leaseMs = 15_000;
/** RFC 5321 4.5.4.1, RFC 3461 4.1: when a sender who did not say otherwise hears that a message is late. */
export const lateMs = 4 * hourMs;
/** Where no way leads nothing will have changed by then: the sender hears sooner. */
export const heldLateMs = hourMs / 2;
/** How often it is asked whether a way to held recipients was opened. */
export const heldMs = hourMs;

export function isOpen({ state }: Pick<RecipientDocument, 'state'>): boolean {
  return state === 'queued' || state === 'held';
}

/** `outcomes`: one for each open recipient, in order. */
export function afterRound(
  taken: Pick<SubmissionDocument, 'rcpt' | 'tries' | 'notBefore' | 'envelope'>,
  outcomes: readonly RecipientOutcome[],
  nowMs: number,
): SubmissionProgress {
  const ageMs = nowMs - taken.notBefore.getTime();
  let next = 0;
  const rcpt = taken.rcpt.map((recipient) => {
    const outcome = isOpen(recipient) ? outcomes[next++] : undefined;
    if (outcome === undefined) return recipient;
    return afterOutcome(recipient, outcome, { ageMs, at: new Date(nowMs), silent: taken.envelope.from === '' });
  });
  const failedTries = rcpt.some(({ state }) => state === 'queued') ? taken.tries + 1 : taken.tries;
  return progressOf(rcpt, failedTries, nowMs);
}

/** Everything that was owed has been told. */
export function afterNotice(taken: Pick<SubmissionDocument, 'rcpt' | 'tries'>, nowMs: number): SubmissionProgress {
  const rcpt = taken.rcpt.map(({ tell, ...recipient }) => ({
    ...recipient,
    ...(tell === 'delayed' && { toldLate: true as const }),
  }));
  return progressOf(rcpt, taken.tries, nowMs);
}

/** The notice could not be delivered: later, or never when it has been tried for days. */
export function afterFailedNotice(
  taken: Pick<SubmissionDocument, 'rcpt' | 'tries' | 'notBefore'>,
  nowMs: number,
): SubmissionProgress {
  if (nowMs - taken.notBefore.getTime() > 2 * giveUpMs) return afterNotice(taken, nowMs);
  const tries = taken.tries + 1;
  return { state: 'taken', rcpt: taken.rcpt, tries, due: new Date(nowMs + pauseMs(tries)), settled: undefined };
}

function afterOutcome(
  recipient: RecipientDocument,
  outcome: RecipientOutcome,
  { ageMs, at, silent }: { readonly ageMs: number; readonly at: Date; readonly silent: boolean },
): RecipientDocument {
  const { doubt, ...rest } = recipient;
  const base = { ...rest, reply: outcome.reply, at };
  // RFC 3461 4.1: without NOTIFY a failure is told, and a delay may be; RFC 5321 4.5.5: nothing is ever told to `<>`.
  const wants = (kind: 'failure' | 'success' | 'delay'): boolean =>
    !silent && (recipient.notify === undefined ? kind !== 'success' : recipient.notify.includes(kind));
  const late = (afterMs: number) =>
    ageMs >= afterMs && recipient.toldLate === undefined && wants('delay') ? { tell: 'delayed' as const } : {};
  switch (outcome.kind) {
    case 'sent':
      return {
        ...base,
        state: 'sent',
        ...(wants('success') && outcome.relayed === undefined && { tell: 'delivered' }),
      };
    case 'held':
      return { ...base, state: 'held', ...(doubt && { doubt }), ...late(heldLateMs) };
    case 'later':
      if (ageMs <= giveUpMs) {
        return { ...base, state: 'queued', ...((doubt || outcome.doubt) && { doubt: true }), ...late(lateMs) };
      }
      return { ...base, state: 'failed', ...(wants('failure') && { tell: 'failed' }) };
    case 'failed':
      return { ...base, state: 'failed', ...(wants('failure') && { tell: 'failed' }) };
    default:
      return outcome satisfies never;
  }
}

function progressOf(rcpt: readonly RecipientDocument[], tries: number, nowMs: number): SubmissionProgress {
  const at = (ms: number) => new Date(nowMs + ms);
  // The sender is told next, by whoever holds it; by another when that one dies over it.
  if (rcpt.some(({ tell }) => tell !== undefined))
    return { state: 'taken', rcpt, tries, due: at(leaseMs), settled: undefined };
  if (!rcpt.some(isOpen)) return { state: 'done', rcpt, tries, due: undefined, settled: at(0) };
  const nobodyHasIt = rcpt.every(({ state, doubt }) => state !== 'sent' && doubt === undefined);
  const queued = rcpt.some(({ state }) => state === 'queued');
  const waitMs = queued ? pauseMs(tries) : heldMs;
  return { state: nobodyHasIt ? 'pending' : 'taken', rcpt, tries, due: at(waitMs), settled: undefined };
}

function pauseMs(tries: number): number {
  return retryMs[Math.min(tries, retryMs.length) - 1] ?? retryMs[0];
}
