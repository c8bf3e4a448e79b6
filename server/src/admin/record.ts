/** Writes what a command did into the audit trail, under the name that the machine knows its user by. */
import { userInfo } from 'node:os';
import type { AuditTrail } from '../database/audit.js';
import { newObjectId } from '../database/contents.js';
import type { Clock } from '../kernel/clock.js';
import type { Workplace } from './command.js';

export function recordIn(audit: Pick<AuditTrail, 'add'>, clock: Clock): Workplace['record'] {
  return async (what, { _id, address }, detail) => {
    await audit.add({
      _id: newObjectId(),
      t: new Date(clock.nowMs()),
      what,
      a: _id,
      address,
      by: `command line (${userName()})`,
      ...(detail && { detail }),
    });
  };
}

/** Somebody without a line in the machine's list of users has a number all the same. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
