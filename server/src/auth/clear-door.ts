/**
 * POP3 without TLS, for programs that know nothing else: who may use it is decided before a password travels (contract,
 * Listeners). Whoever may not, and whoever does not exist, is told the same.
 */
import type { Clock } from '../kernel/clock.js';
import type { Peer } from '../net/connection.js';
import { type PolicySettings, refusalFor } from './access-policy.js';
import { parseAddress } from './address.js';
import type { PersonCache } from './person-cache.js';
import type { createZones } from './zones.js';

export interface ClearDoor {
  /** Somebody might come in from there in clear. */
  possible(peer: Peer): boolean;
  /** This person may. MailError unavailable. */
  opens(identity: string, peer: Peer): Promise<boolean>;
}

export interface ClearDoorParts {
  readonly people: Pick<PersonCache, 'find'>;
  readonly zoneOf: ReturnType<typeof createZones>;
  readonly settings: PolicySettings;
  readonly domain: string;
  readonly clock: Clock;
}

export function createClearDoor({ people, zoneOf, settings, domain, clock }: ClearDoorParts): ClearDoor {
  const possible = (peer: Peer): boolean => settings.pop3Clear === 'laboratory' && zoneOf(peer) === 'laboratory';
  return {
    possible,
    async opens(identity, peer) {
      const address = parseAddress(identity, domain)?.address;
      if (address === undefined || !possible(peer)) return false;
      const known = await people.find(address);
      if (known === undefined) return false;
      const door = { protocol: 'pop3', zone: zoneOf(peer), transport: 'clear' } as const;
      return (
        refusalFor({ ...known.person, expires: known.person.expires }, door, settings, clock.nowMs()) === undefined
      );
    },
  };
}
