import { readFileSync } from 'node:fs';

/**
 * Boot and start tick of a process: a pid that is used again is not the process that had it before. undefined where the system
 * does not tell.
 */
export function processBirth(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the name, in parentheses, may hold blanks; starttime is field 22, the 20th after it.
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return undefined;
  }
}
