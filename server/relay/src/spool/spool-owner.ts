/**
 * Names a process, in the spool and on the deliveries that it has in hand, so that another process of the same machine can tell
 * whether it still lives: what a dead one had is taken over at once, not when a lease ends.
 */
import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { processBirth } from '@vaguemestre/server/kernel/process-birth';

export interface Owners {
  /** Of this process. */
  readonly own: string;
  /** False only for a process of this machine that is gone; of others nothing is known here. */
  lives(owner: string): boolean;
}

const digest = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length);
const mark = (pid: number): string => digest(processBirth(pid) ?? '', 12);

/** `folder`: of the data. Two containers of one host see different processes, and do not share it under one name. */
export function spoolOwners(folder: string): Owners {
  const machine = digest(`${hostname()}\n${folder}`, 8);
  return {
    own: `${machine}-${process.pid}-${mark(process.pid)}-${randomBytes(4).toString('hex')}`,
    lives(owner) {
      const [where, pidText = '', birth] = owner.split('-');
      if (where !== machine) return true;
      const pid = Number(pidText);
      if (!Number.isInteger(pid) || pid <= 0) return false;
      try {
        process.kill(pid, 0);
      } catch (error) {
        // Somebody else's process: it is there.
        if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
      }
      return birth === mark(pid);
    },
  };
}
