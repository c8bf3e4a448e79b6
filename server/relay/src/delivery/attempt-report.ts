/** What came of an attempt, from what the hosts said to it. */
import type { Attempt, AttemptReport, Outcome } from './deliverer.js';
import { ownReply } from './remote-reply.js';
import type { Problem } from './stops.js';
import type { RecipientOutcome } from './transaction.js';

/** One outcome for all, without asking anybody. */
export const same = ({ recipients }: Attempt, outcome: Outcome): AttemptReport => ({
  outcomes: recipients.map(() => outcome),
  unreachable: false,
});

/** One outcome a recipient, also for those whom no host was asked about. */
export function reportOf(
  found: readonly (RecipientOutcome | undefined)[],
  round: {
    readonly host: string | undefined;
    readonly tls: AttemptReport['tls'];
    readonly dsn: readonly boolean[];
    readonly sessions: number;
    readonly lastReply: string | undefined;
    readonly onlyPermanent: boolean;
  },
  problem: Problem | undefined,
): AttemptReport {
  // Nobody could be spoken to: what the last host said, or what there was to say before any host.
  const missing: Outcome =
    round.lastReply === undefined
      ? problem === undefined
        ? { kind: 'later', reply: ownReply('4.4.1', 'no host could be reached'), doubt: false }
        : problem.kind === 'failed'
          ? { kind: 'failed', reply: ownReply(problem.enhanced, problem.text) }
          : { kind: 'later', reply: ownReply(problem.enhanced, problem.text), doubt: false }
      : round.onlyPermanent
        ? { kind: 'failed', reply: round.lastReply }
        : { kind: 'later', reply: temporary(round.lastReply), doubt: false };
  const outcomes = Array.from(found, (outcome, i): Outcome => {
    if (outcome === undefined) return missing;
    switch (outcome.kind) {
      case 'delivered':
        return { kind: 'delivered', reply: outcome.reply, dsn: round.dsn[i] ?? false };
      case 'later':
        return { kind: 'later', reply: outcome.reply, doubt: outcome.doubt };
      case 'failed':
        return outcome;
      default:
        return outcome satisfies never;
    }
  });
  return {
    outcomes,
    ...(round.host !== undefined && { host: round.host }),
    ...(round.tls !== undefined && { tls: round.tls }),
    unreachable: round.sessions === 0 && missing.kind === 'later' && outcomes.includes(missing),
  };
}

/** A host that greets with 5yz is broken, not the message: the notice must not read as if the message had been refused. */
const temporary = (reply: string): string =>
  reply.startsWith('5') ? ownReply('4.3.2', `the host takes no mail now, it says: ${reply}`) : reply;
