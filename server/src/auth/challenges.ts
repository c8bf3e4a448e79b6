/**
 * Challenges that are good once and for a short time, for one purpose. Until one is answered nothing of it is kept, so that
 * asking for many fills nothing: it carries its end and a MAC under the service's key. Answered, it stands in the store until its
 * end, which is how no second answer counts in any process.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Credentials } from '../database/credentials.js';
import type { Sessions } from '../database/sessions.js';
import type { Clock } from '../kernel/clock.js';
import type { AccountId } from '../kernel/ids.js';

export interface Challenges {
  /** base64url. */
  make(purpose: string): Promise<string>;
  /** Made here for this purpose, and its time is not over. */
  holds(challenge: string, purpose: string): Promise<boolean>;
  /** True once for each. */
  spend(challenge: string): Promise<boolean>;
}

export const challengeMs = 5 * 60_000;
const nonceOctets = 16;
const endOctets = 8;
const macOctets = 16;
/** Whose document it is in the store: it may have been made for nobody yet. */
const owner = 'nobody' as AccountId;

export function createChallenges(
  credentials: Pick<Credentials, 'saltKey'>,
  sessions: Pick<Sessions, 'spend'>,
  clock: Clock,
): Challenges {
  const macOf = async (head: Buffer, purpose: string): Promise<Buffer> => {
    const mac = createHmac('sha256', await credentials.saltKey())
      .update('challenge ')
      .update(head)
      .update(purpose);
    return mac.digest().subarray(0, macOctets);
  };
  const endOf = (octets: Buffer): number => Number(octets.readBigUInt64BE(nonceOctets));

  return {
    async make(purpose) {
      const head = Buffer.alloc(nonceOctets + endOctets);
      randomBytes(nonceOctets).copy(head);
      head.writeBigUInt64BE(BigInt(clock.nowMs() + challengeMs), nonceOctets);
      return Buffer.concat([head, await macOf(head, purpose)]).toString('base64url');
    },
    async holds(challenge, purpose) {
      const octets = Buffer.from(challenge, 'base64url');
      if (octets.length !== nonceOctets + endOctets + macOctets) return false;
      const head = octets.subarray(0, nonceOctets + endOctets);
      if (!timingSafeEqual(octets.subarray(head.length), await macOf(head, purpose))) return false;
      return endOf(octets) > clock.nowMs();
    },
    spend(challenge) {
      const octets = Buffer.from(challenge, 'base64url');
      const id = `challenge/${createHash('sha256').update(octets).digest('base64url')}`;
      return sessions.spend(id, owner, new Date(endOf(octets)));
    },
  };
}
