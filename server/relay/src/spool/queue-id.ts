/**
 * Names of messages in the relay: short enough to be read out on the telephone, in the order of their making within a
 * millisecond, and no two alike on any machine (40 random bits beside the time).
 */
import { randomBytes } from 'node:crypto';

const alphabet = '0123456789BCDFGHJKLMNPQRSTVWXYZ';

export function newQueueId(nowMs: number): string {
  let id = '';
  for (let rest = Math.max(0, Math.floor(nowMs)); id.length < 9; rest = Math.floor(rest / 31))
    id = alphabet[rest % 31] + id;
  for (const octet of randomBytes(8)) id += alphabet[octet % 31];
  return id;
}

export const isQueueId = (text: string): boolean =>
  text.length === 17 && [...text].every((one) => alphabet.includes(one));
