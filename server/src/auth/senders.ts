/**
 * Who may send, and as whom. The access policy's door `submission` decides, wherever a message is handed in: over SMTP as in the
 * webmail, so that nobody sends by one what is refused by the other.
 */
import type { Lang, Zone } from '@vaguemestre/shared/people';
import type { Accounts } from '../database/accounts.js';
import type { Clock } from '../kernel/clock.js';
import type { AccountId } from '../kernel/ids.js';
import type { Peer } from '../net/connection.js';
import { type PolicySettings, type Refusal, refusalFor } from './access-policy.js';
import { parseAddress } from './address.js';

export interface SenderPerson {
  readonly name: string;
  readonly lang: Lang;
  /** Main address first; lower case. */
  readonly addresses: readonly string[];
  /** One of them, also with a +detail. */
  owns(address: string): boolean;
}

export interface Senders {
  /** undefined: no such person (any more). */
  of(account: AccountId): Promise<SenderPerson | undefined>;
  /** Why this person may not send from there. undefined: they may. */
  refusal(account: AccountId, peer: Peer): Promise<Refusal | undefined>;
}

export interface SendersParts {
  readonly accounts: Pick<Accounts, 'get'>;
  readonly zoneOf: (peer: Peer) => Zone;
  readonly settings: PolicySettings;
  readonly domain: string;
  readonly clock: Clock;
}

export function createSenders({ accounts, zoneOf, settings, domain, clock }: SendersParts): Senders {
  return {
    async of(account) {
      const person = await accounts.get(account);
      if (person === undefined || person.removing !== undefined) return undefined;
      const others = person.addresses.filter((address) => address !== person.address);
      const addresses = [person.address, ...others];
      return {
        name: person.name,
        lang: person.lang,
        addresses,
        owns(address) {
          const parsed = parseAddress(address, domain);
          return parsed !== undefined && address.includes('@') && addresses.includes(parsed.address);
        },
      };
    },
    async refusal(account, peer) {
      const person = await accounts.get(account);
      if (person === undefined) return 'notAllowed';
      const door = { protocol: 'submission', zone: zoneOf(peer), transport: 'tls' } as const;
      return refusalFor({ ...person, expires: person.expires }, door, settings, clock.nowMs());
    },
  };
}
