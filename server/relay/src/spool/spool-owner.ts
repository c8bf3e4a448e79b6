/** Names the folder of a process in the spool, so that others can tell whether it still lives. */
import { createHash, randomBytes } from 'node:crypto';
import { processBirth } from '@vaguemestre/server/kernel/process-birth';

const mark = (pid: number): string =>
  createHash('sha256')
    .update(processBirth(pid) ?? '')
    .digest('hex')
    .slice(0, 12);

export const newSpoolOwner = (): string => `${process.pid}-${mark(process.pid)}-${randomBytes(4).toString('hex')}`;

/** Of a process of this machine. */
export async function spoolOwnerLives(owner: string): Promise<boolean> {
  const [pidText = '', birth] = owner.split('-');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process: it is there.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return birth === mark(pid);
}
