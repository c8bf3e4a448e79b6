/** Puts the outbox of a process together: its collection, its dispatcher, and the way into mailboxes that `main` alone knows. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MailDatabase } from '../database/database.js';
import type { RelayPresence } from '../database/relay-presence.js';
import type { DueSubmission, Submissions } from '../database/submissions.js';
import type { Clock } from '../kernel/clock.js';
import { newProcessNonce } from '../kernel/ids.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { Deliver } from '../outbox/deliver.js';
import { type CountOutgoing, dispatch } from '../outbox/dispatch.js';
import { startDispatcher } from '../outbox/dispatcher.js';
import { beatMs, leftToRelay } from '../outbox/left-to-relay.js';
import { createNews } from '../outbox/news.js';
import { createOutbox, type Outbox } from '../outbox/outbox.js';

export interface OpenOutboxOptions {
  readonly database: MailDatabase;
  readonly submissions: Submissions;
  readonly domain: string;
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly log: Log;
  /** Sends what is due. Without it this process takes mail and leaves the sending to others. */
  readonly sending?: {
    readonly deliver: Deliver;
    readonly hostname: string;
    readonly count: CountOutgoing;
    /** It is the relay of this process. */
    readonly relay: boolean;
  };
  readonly presence: RelayPresence;
}

export function openOutbox(options: OpenOutboxOptions): Outbox {
  const { database, submissions, domain, clock, lifetime, log, sending } = options;
  const news = createNews({ submissions, clock, lifetime, log });
  const parts = sending && {
    ...sending,
    submissions,
    contents: database.contentReader,
    owner: newProcessNonce(),
    changed: news.tell,
    clock,
    log,
  };
  if (sending?.relay) keepPresence(options);
  const due = sending?.relay ? submissions : leftToRelay(submissions, options.presence, clock);
  const dispatcher = sending && startDispatcher({ submissions: due, dispatch: dispatchDue, clock, lifetime, log });
  async function dispatchDue(due: DueSubmission, signal: AbortSignal): Promise<void> {
    if (parts !== undefined) await dispatch(parts, due, signal);
  }
  return createOutbox({
    submissions,
    contents: database.contents,
    commits: database.commits,
    upkeep: database.upkeep,
    domain,
    clock,
    wake: () => dispatcher?.wake(),
    news,
  });
}

/** Says that a relay runs, from the moment it does; what was held until then goes. */
function keepPresence({ presence, submissions, clock, lifetime, log }: OpenOutboxOptions): void {
  lifetime.run('presence of the relay', async (signal) => {
    let first = true;
    for (;;) {
      try {
        await presence.beat(new Date(clock.nowMs()));
        if (first) await submissions.hurryHeld(new Date(clock.nowMs()));
        first = false;
      } catch (error) {
        log.warn({ err: error }, 'the relay cannot say that it runs, trying again');
      }
      await sleep(beatMs, undefined, { signal });
    }
  });
}
