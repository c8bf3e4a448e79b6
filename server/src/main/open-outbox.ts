/** Puts the outbox of a process together: its collection, its dispatcher, and the way into mailboxes that `main` alone knows. */
import type { MailDatabase } from '../database/database.js';
import type { Submissions } from '../database/submissions.js';
import type { Clock } from '../kernel/clock.js';
import { newProcessNonce } from '../kernel/ids.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { Deliver } from '../outbox/deliver.js';
import { type CountOutgoing, dispatch } from '../outbox/dispatch.js';
import { startDispatcher } from '../outbox/dispatcher.js';
import { createOutbox, type Outbox } from '../outbox/outbox.js';

export interface OpenOutboxOptions {
  readonly database: MailDatabase;
  readonly submissions: Submissions;
  readonly domain: string;
  readonly clock: Clock;
  /** Sends what is due. Without it this process takes mail and leaves the sending to others. */
  readonly sending?: {
    readonly deliver: Deliver;
    readonly hostname: string;
    readonly lifetime: Lifetime;
    readonly log: Log;
    readonly count: CountOutgoing;
  };
}

export function openOutbox({ database, submissions, domain, clock, sending }: OpenOutboxOptions): Outbox {
  const dispatcher = sending === undefined ? undefined : start();
  function start() {
    const { lifetime, log } = sending!;
    const parts = { ...sending!, submissions, contents: database.contentReader, owner: newProcessNonce(), clock };
    return startDispatcher({
      submissions,
      dispatch: (due, signal) => dispatch(parts, due, signal),
      clock,
      lifetime,
      log,
    });
  }
  return createOutbox({
    submissions,
    contents: database.contents,
    commits: database.commits,
    upkeep: database.upkeep,
    domain,
    clock,
    wake: () => dispatcher?.wake(),
  });
}
