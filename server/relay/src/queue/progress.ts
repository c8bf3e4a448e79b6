/**
 * The state machine of a delivery, as pure functions: where a try leaves it, and what its sender has to be told (RFC 3461 4.1,
 * 5.2; RFC 5321 4.5.5: nothing is ever told to `<>`). `due` says when the next step is to be taken, whoever takes it: a process
 * that dies in the middle leaves work, not a gap.
 */
import {
  type DeliveryDocument,
  type DeliveryProgress,
  type DeliveryRecipient,
  keptTries,
  type Try,
} from '../database/queue-documents.js';
import type { AttemptReport, Outcome } from '../delivery/deliverer.js';
import type { Envelope } from './message.js';
import type { RetrySchedule } from './retry-schedule.js';

/** How long one process may have a delivery in hand without a word before another takes it over. Twice is harmless for mailboxes. */
export const leaseMs = 120_000;
export const renewMs = 30_000;

export interface Round {
  readonly envelope: Pick<Envelope, 'from'>;
  readonly schedule: RetrySchedule;
  readonly nowMs: number;
  readonly tookMs: number;
  /** The sender is one of ours, and hears of delays unless he said no (RFC 3461 4.1 leaves it to us). */
  readonly ours: boolean;
}

type Taken = Pick<DeliveryDocument, 'rcpt' | 'tries' | 'created' | 'log' | 'lane' | 'warned' | 'hop'>;

export const isOpen = ({ state }: Pick<DeliveryRecipient, 'state'>): boolean => state === 'open';
export const owesNotice = ({ rcpt }: Pick<DeliveryDocument, 'rcpt'>): boolean =>
  rcpt.some(({ tell }) => tell !== undefined);

/** One outcome for each open recipient, in order. */
export function afterAttempt(taken: Taken, report: AttemptReport, round: Round): DeliveryProgress {
  const { nowMs, schedule, envelope } = round;
  const at = new Date(nowMs);
  const ageMs = nowMs - taken.created.getTime();
  const old = ageMs > (envelope.from === '' ? schedule.giveUpNoticesMs : schedule.giveUpMs);
  const warn = taken.warned === undefined && ageMs > schedule.warnAfterMs;
  let next = 0;
  const rcpt = taken.rcpt.map((recipient) => {
    const outcome = isOpen(recipient) ? report.outcomes[next++] : undefined;
    return outcome === undefined ? recipient : afterOutcome(recipient, outcome, { at, old, warn, round, taken });
  });
  const waits = rcpt.some(isOpen);
  const tries = waits ? taken.tries + 1 : taken.tries;
  const log = [...taken.log, tryOf(report, at, round.tookMs)].slice(-keptTries);
  const warned = taken.warned ?? (warn && waits ? true : undefined);
  return { ...progressOf(rcpt, tries, taken, round), log, warned };
}

/** Everything that was owed has been told. */
export function afterNotice(taken: Taken, round: Round): DeliveryProgress {
  const rcpt = taken.rcpt.map(({ tell: _told, ...recipient }) => recipient);
  return { ...progressOf(rcpt, taken.tries, taken, round), log: taken.log, warned: taken.warned };
}

function afterOutcome(
  { tell: _told, ...recipient }: DeliveryRecipient,
  outcome: Outcome,
  {
    at,
    old,
    warn,
    round,
    taken,
  }: { readonly at: Date; readonly old: boolean; readonly warn: boolean; readonly round: Round; readonly taken: Taken },
): DeliveryRecipient {
  const { envelope, ours } = round;
  const { notify } = recipient;
  const wants = (kind: 'failure' | 'success' | 'delay', without: boolean): boolean =>
    envelope.from !== '' && (notify === undefined ? without : notify.includes(kind));
  const base = { ...recipient, reply: outcome.reply, at };
  switch (outcome.kind) {
    case 'delivered': {
      if (!wants('success', false)) return { ...base, state: 'delivered' };
      // RFC 3461 5.2.2: a mailbox is the end of the way; outside, success is told by the last host that knows DSN.
      if (taken.lane === 'in') return { ...base, state: 'delivered', tell: 'delivered' };
      return { ...base, state: 'delivered', ...(!outcome.dsn && { tell: 'relayed' }) };
    }
    case 'later':
      if (old) return { ...base, state: 'failed', ...(wants('failure', true) && { tell: 'failed' }) };
      return { ...base, state: 'open', ...(warn && wants('delay', ours) && { tell: 'delayed' }) };
    case 'failed':
      return { ...base, state: 'failed', ...(wants('failure', true) && { tell: 'failed' }) };
    default:
      return outcome satisfies never;
  }
}

function progressOf(
  rcpt: readonly DeliveryRecipient[],
  tries: number,
  { lane }: Taken,
  { nowMs, schedule }: Round,
): Pick<DeliveryProgress, 'rcpt' | 'tries' | 'due' | 'settled'> {
  // The sender is told next, by whoever holds it; by another when that one dies over it.
  if (owesNotice({ rcpt })) return { rcpt, tries, due: new Date(nowMs), settled: undefined };
  if (!rcpt.some(isOpen)) return { rcpt, tries, due: undefined, settled: new Date(nowMs) };
  return { rcpt, tries, due: new Date(nowMs + schedule.waitMs(lane, tries)), settled: undefined };
}

function tryOf({ outcomes, host, tls }: AttemptReport, at: Date, ms: number): Try {
  // The worst tells most.
  const said = outcomes.find(({ kind }) => kind !== 'delivered') ?? outcomes[0];
  return {
    at,
    reply: said?.reply ?? '',
    ms: Math.round(ms),
    ...(host !== undefined && { host }),
    ...(tls && { tls: `${tls.version} ${tls.cipher}${tls.verified ? ' verified' : ''}` }),
  };
}
