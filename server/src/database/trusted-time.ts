import { MailError } from '../kernel/errors.js';
import type { Upkeep } from './upkeep.js';

/** Store design section 4: beyond this the clocks are not to be trusted with deleting anything. */
export const maxClockSkewMs = 5 * 60 * 1000;

/** The time by which things are old enough to be deleted. MailError cannot when clocks disagree: the administrator has to look. */
export async function trustedTime(upkeep: Pick<Upkeep, 'serverTimeMs'>, ownMs: number): Promise<number> {
  const serverMs = await upkeep.serverTimeMs();
  if (!(Math.abs(serverMs - ownMs) <= maxClockSkewMs)) {
    throw new MailError('cannot', 'The clock of the database and of this machine differ by more than five minutes');
  }
  return Math.min(serverMs, ownMs);
}
