/**
 * One delivery on its way: taken, tried, its outcome written down; then its sender is told if something has to be told; then the octets
 * go when nobody waits for them any more. Every step is safe to repeat: a notice has an id that follows from what it tells, a
 * mailbox knows a delivery by its id, and who lost the lease changes nothing.
 */
import type { Clock } from '@vaguemestre/server/kernel/clock';
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { Log } from '@vaguemestre/server/kernel/log';
import type { DeliveryDocument, DeliveryProgress, DueDelivery, MessageDocument } from '../database/queue-documents.js';
import type { RelayDeliveries } from '../database/relay-deliveries.js';
import type { RelayMessages } from '../database/relay-messages.js';
import type { AttemptReport, Deliverer, Outcome } from '../delivery/deliverer.js';
import { type Route, routeKey } from '../routing/route.js';
import type { Body, Recipient } from './message.js';
import { afterAttempt, afterNotice, isOpen, leaseMs, owesNotice, type Round, renewMs } from './progress.js';
import type { RetrySchedule } from './retry-schedule.js';

export interface AttemptParts {
  readonly messages: Pick<RelayMessages, 'get' | 'octets' | 'settle'>;
  readonly deliveries: Pick<RelayDeliveries, 'take' | 'renew' | 'save' | 'open'>;
  readonly deliverer: Pick<Deliverer, 'deliver'>;
  /** As the settings have it now. */
  readonly routeOf: (address: string) => Route;
  /** Queues the notice about what is to be told of these recipients. Repeating it is harmless. */
  readonly notify: (message: MessageDocument, delivery: DeliveryDocument) => Promise<void>;
  readonly schedule: RetrySchedule;
  /** An address of the laboratory. */
  readonly isOurs: (address: string) => boolean;
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Told what came of each recipient. */
  readonly count: (lane: DeliveryDocument['lane'], outcome: Outcome['kind'], ms: number) => void;
}

const nothingKnown: AttemptReport = { outcomes: [], unreachable: false };

/** undefined: somebody else has it. Throws MailError unavailable; then it is taken over when the lease ends. */
export async function attempt(
  parts: AttemptParts,
  due: DueDelivery,
  signal: AbortSignal,
): Promise<AttemptReport | undefined> {
  const { deliveries, messages, clock, log } = parts;
  const taken = await deliveries.take(due, parts.owner, new Date(clock.nowMs() + leaseMs));
  if (taken === undefined) return undefined;
  const message = await messages.get(taken.m);
  if (message === undefined) {
    log.error({ delivery: taken._id }, 'a delivery without its message was dropped');
    await deliveries.save(taken, { ...emptied(taken), settled: new Date(clock.nowMs()) });
    return nothingKnown;
  }
  let now: DeliveryDocument | undefined = taken;
  let report = nothingKnown;
  // What is owed from a round that was interrupted comes first: a notice covers one round.
  if (owesNotice(now)) now = await tell(parts, message, now);
  if (now?.rcpt.some(isOpen)) {
    const began = clock.monotonicMs();
    report = await tryOnce(parts, message, now, signal);
    const tookMs = clock.monotonicMs() - began;
    for (const { kind } of report.outcomes) parts.count(now.lane, kind, clock.nowMs() - now.created.getTime());
    now = await step(parts, now, afterAttempt(now, report, roundOf(parts, message, tookMs)));
    if (now !== undefined && owesNotice(now)) now = await tell(parts, message, now);
  }
  if (now?.settled !== undefined && (await deliveries.open(message._id)) === 0) {
    await messages.settle(message._id, new Date(clock.nowMs()));
  }
  return report;
}

function roundOf(parts: AttemptParts, message: MessageDocument, tookMs: number): Round {
  const { envelope } = message;
  return {
    envelope,
    schedule: parts.schedule,
    nowMs: parts.clock.nowMs(),
    tookMs,
    ours: parts.isOurs(envelope.from),
  };
}

/** undefined when the lease was lost. */
async function step(
  { deliveries, log }: AttemptParts,
  taken: DeliveryDocument,
  progress: DeliveryProgress,
): Promise<DeliveryDocument | undefined> {
  // While something is owed the delivery stays in hand, so that nobody else tells it at the same time.
  const owed = owesNotice(progress);
  const kept = owed && taken.leaseUntil !== undefined ? { ...progress, due: taken.leaseUntil } : progress;
  if (!(await deliveries.save(taken, kept))) {
    log.warn({ delivery: taken._id }, 'a delivery was taken over while it was under way');
    return undefined;
  }
  const { due, settled, warned, ...rest } = progress;
  return { ...taken, ...rest, ...(due && { due }), ...(settled && { settled }), ...(warned && { warned }) };
}

async function tell(
  parts: AttemptParts,
  message: MessageDocument,
  taken: DeliveryDocument,
): Promise<DeliveryDocument | undefined> {
  await parts.notify(message, taken);
  return step(parts, taken, afterNotice(taken, roundOf(parts, message, 0)));
}

async function tryOnce(
  parts: AttemptParts,
  message: MessageDocument,
  taken: DeliveryDocument,
  signal: AbortSignal,
): Promise<AttemptReport> {
  const open = taken.rcpt.filter(isOpen);
  const hop = currentRoute(parts, taken, open);
  if (hop.kind === 'discard')
    return answered(open.length, { kind: 'delivered', reply: '250 2.0.0 Discarded', dsn: true });
  if (hop.kind === 'error') {
    const { reply } = hop;
    return answered(
      open.length,
      reply.startsWith('4') ? { kind: 'later', reply, doubt: false } : { kind: 'failed', reply },
    );
  }
  const keep = setInterval(() => {
    // A lease that is not renewed ends: the fence then keeps what we save from counting.
    parts.deliveries.renew(taken, new Date(parts.clock.nowMs() + leaseMs)).catch(() => undefined);
  }, renewMs);
  try {
    return await parts.deliverer.deliver(
      {
        id: taken._id,
        route: hop,
        envelope: message.envelope,
        recipients: open.map(({ address, orcpt, notify }) => ({
          address,
          ...(orcpt !== undefined && { orcpt }),
          ...(notify && { notify }),
        })),
        body: bodyOf(parts, message, taken),
        client: message.client,
      },
      signal,
    );
  } catch (error) {
    if (signal.aborted) throw error;
    parts.log.error({ err: error, delivery: taken._id }, 'a delivery failed by a fault of ours, trying again');
    const reply = error instanceof MailError ? `451 4.3.0 ${error.public}` : '451 4.3.0 Internal error';
    return answered(open.length, { kind: 'later', reply, doubt: true });
  } finally {
    clearInterval(keep);
  }
}

/** An operator who opens another way means the mail that waits as well. Recipients that would part ways stay together until they are through. */
function currentRoute({ routeOf }: AttemptParts, { hop, lane }: DeliveryDocument, open: readonly Recipient[]): Route {
  if (lane === 'in') return hop;
  const [first, ...others] = open.map(({ address }) => routeOf(address));
  const key = first && routeKey(first);
  const together = others.every((route) => routeKey(route) === key);
  return first !== undefined && together && first.kind !== 'mailbox' ? first : hop;
}

const answered = (count: number, outcome: Outcome): AttemptReport => ({
  outcomes: new Array<Outcome>(count).fill(outcome),
  unreachable: false,
});

/** Verdict and authentication results are said inside the laboratory only: outside they would be hearsay. */
function bodyOf({ messages }: AttemptParts, message: MessageDocument, { lane }: DeliveryDocument): Body {
  if (lane === 'out' || message.inward === '')
    return { sizeBytes: message.size, octets: () => messages.octets(message) };
  const inward = Buffer.from(message.inward, 'utf8');
  return {
    sizeBytes: message.size + inward.length,
    async *octets() {
      yield inward;
      yield* messages.octets(message);
    },
  };
}

function emptied({ rcpt, tries, log }: DeliveryDocument): DeliveryProgress {
  return { rcpt, tries, log, due: undefined, warned: undefined, settled: undefined };
}
