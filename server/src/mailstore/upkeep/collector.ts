import { createHash } from 'node:crypto';
import { bornSeconds } from '../../database/contents.js';
import type { MailDatabase } from '../../database/database.js';
import { trustedTime } from '../../database/trusted-time.js';
import type { Clock } from '../../kernel/clock.js';
import type { Log } from '../../kernel/log.js';
import { collectAccount } from './collect.js';
import { graceMs } from './inventory.js';

const hourMs = 3600 * 1000;

/** The hour of the day in which an account is collected: the same in every process, so that a day has no peak. */
export const hourOf = (account: string): number => createHash('sha256').update(account).digest()[0]! % 24;

/** Collects the accounts of the present hour, and once a day what belongs to no account. Several processes may do it at once. */
export async function collectDue(
  database: MailDatabase,
  options: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { clock, log } = options;
  const nowMs = await trustedTime(database.upkeep, clock.nowMs());
  const hour = Math.floor(nowMs / hourMs) % 24;
  for await (const accounts of database.roots.accounts()) {
    for (const account of accounts) {
      signal.throwIfAborted();
      if (hourOf(account) !== hour) continue;
      const { removed } = await collectAccount(database, account, nowMs);
      if (Object.keys(removed).length > 0) log.info({ account, removed }, 'collected');
    }
  }
  if (hour !== 0) return;
  const isOld = (content: string) => bornSeconds(content.slice(content.indexOf('/') + 1)) * 1000 < nowMs - graceMs;
  const pieces = await database.upkeep.removeStrayPieces(isOld);
  if (pieces > 0) log.info({ removed: { pieces } }, 'collected');
}
