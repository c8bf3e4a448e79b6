/** Which protocols a person may use with a modern mail program, by the one policy: what is shown to them before they try. */
import { type Protocol, protocols } from '@vaguemestre/shared/people';
import type { Accounts } from '../database/accounts.js';
import type { Clock } from '../kernel/clock.js';
import type { AccountId } from '../kernel/ids.js';
import { type PolicySettings, refusalFor, type Visitor } from './access-policy.js';

/** `laboratory`: from the laboratory's networks only. */
export type Reach = 'everywhere' | 'laboratory' | 'no';

export type MayUse = (account: AccountId) => Promise<Readonly<Record<Protocol, Reach>>>;

export function createMayUse(accounts: Pick<Accounts, 'get'>, settings: PolicySettings, clock: Clock): MayUse {
  return async (account) => {
    const person = await accounts.get(account);
    const reach = (protocol: Protocol): Reach =>
      person === undefined ? 'no' : reachOf({ ...person, expires: person.expires }, protocol, settings, clock.nowMs());
    return Object.fromEntries(protocols.map((one) => [one, reach(one)])) as Record<Protocol, Reach>;
  };
}

export function reachOf(visitor: Visitor, protocol: Protocol, settings: PolicySettings, nowMs: number): Reach {
  const mayFrom = (zone: 'outside' | 'laboratory'): boolean =>
    refusalFor(visitor, { protocol, zone, transport: 'tls' }, settings, nowMs) === undefined;
  if (mayFrom('outside')) return 'everywhere';
  return mayFrom('laboratory') ? 'laboratory' : 'no';
}
