import { type AnsweredSenders, createAnsweredSenders } from './answered-senders.js';
import { type Archives, createArchives } from './archives.js';
import { type AuditTrail, createAuditTrail } from './audit.js';
import { type ChoreLeases, createChoreLeases } from './chore-leases.js';
import type { Connection } from './connection.js';
import { createLives, type Lives } from './lives.js';

/** Everything that is kept of accounts that end, and of what was done about them. Small collections, not sharded. */
export interface EndedAccounts {
  readonly lives: Lives;
  readonly archives: Archives;
  readonly answered: AnsweredSenders;
  readonly leases: ChoreLeases;
  readonly audit: AuditTrail;
}

export function endedAccounts({ db }: Connection): EndedAccounts {
  return {
    lives: createLives(db),
    archives: createArchives(db),
    answered: createAnsweredSenders(db),
    leases: createChoreLeases(db),
    audit: createAuditTrail(db),
  };
}
