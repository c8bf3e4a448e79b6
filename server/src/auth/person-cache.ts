import type { Accounts, PersonDocument } from '../database/accounts.js';
import type { AppSecretDocument, Credentials, PasswordDocument } from '../database/credentials.js';
import type { Clock } from '../kernel/clock.js';
import type { AccountId } from '../kernel/ids.js';

/**
 * Who an address is, at most two seconds old: a returning login and an LMTP recipient cost no round trip, and a person who
 * is disabled, or whose password is changed, by another process is out everywhere within those two seconds (in the process
 * that did it, at once: `forget`). Addresses that nobody has are kept too: they are looked up most. Requests for the same
 * address share one look-up.
 */
export interface Known {
  readonly person: PersonDocument;
  /** Undefined: has no password yet, and cannot log in. */
  readonly password: PasswordDocument | undefined;
  readonly apps: readonly AppSecretDocument[];
}

export interface PersonCache {
  find(address: string): Promise<Known | undefined>;
  /** Past the cache, for a decision that must not be wrong. */
  findFresh(address: string): Promise<Known | undefined>;
  forget(): void;
}

export const personCacheMs = 2_000;
const maxEntries = 10_000;

export function createPersonCache(accounts: Accounts, credentials: Credentials, clock: Clock): PersonCache {
  const entries = new Map<string, { readonly until: number; readonly known: Promise<Known | undefined> }>();

  const look = async (address: string): Promise<Known | undefined> => {
    const person = await accounts.findByAddress(address);
    // The same two questions for an address that nobody has: the time of the answer shall not tell.
    const secrets = await credentials.ofAccount(person?._id ?? ('nobody' as AccountId));
    return person === undefined ? undefined : { person, ...secrets };
  };

  const load = (address: string): Promise<Known | undefined> => {
    const known = look(address);
    const entry = { until: clock.monotonicMs() + personCacheMs, known };
    entries.delete(address);
    entries.set(address, entry);
    if (entries.size > maxEntries) {
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    }
    known.catch(() => {
      if (entries.get(address) === entry) entries.delete(address);
    });
    return known;
  };

  return {
    find(address) {
      const entry = entries.get(address);
      return entry !== undefined && entry.until > clock.monotonicMs() ? entry.known : load(address);
    },
    findFresh: load,
    forget: () => entries.clear(),
  };
}
