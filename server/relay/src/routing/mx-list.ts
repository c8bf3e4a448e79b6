/**
 * What the MX records of a domain mean (RFC 5321 5.1, RFC 7505): a pure function of the answer. Hosts in order of preference,
 * equals in an order of chance, so that they share the load.
 */
import type { DnsAnswer, MxRecord } from '../dns/answer.js';
import { failed, later, type RoutingProblem } from './problem.js';

/** Hosts of one preference, to be tried before those of the next. */
export interface MxGroup {
  readonly preference: number;
  readonly hosts: readonly string[];
}

export type MxList =
  /** `implicit`: there are no MX records, and the domain's own address serves (RFC 5321 5.1). `own`: this relay is one of the
   *  hosts, and those that are not nearer than it were left out. */
  | { readonly kind: 'groups'; readonly groups: readonly MxGroup[]; readonly implicit: boolean; readonly own: boolean }
  | RoutingProblem;

export interface MxNames {
  /** This relay is known to the DNS by this name. */
  isOwn(host: string): boolean;
  /** An integer from 0 up to and without `below`. */
  below(below: number): number;
}

/** A domain may name a thousand hosts to keep senders busy: no more are looked at. */
const maxHosts = 20;

export function mxList(domain: string, answer: DnsAnswer<MxRecord>, names: MxNames): MxList {
  switch (answer.kind) {
    case 'failed':
      return answer.why === 'badName'
        ? failed('5.1.2', `${domain} is not a name that the DNS can know`)
        : later('4.4.3', `the DNS did not say which hosts take mail for ${domain} (${answer.why})`);
    case 'none':
      // RFC 5321 5.1: no such name is an error; a name without MX is its own host.
      return answer.why === 'noName'
        ? failed('5.1.2', `${domain} does not exist`)
        : { kind: 'groups', groups: [{ preference: 0, hosts: [domain] }], implicit: true, own: false };
    case 'records':
      return fromRecords(domain, answer.records, names);
  }
}

function fromRecords(domain: string, records: readonly MxRecord[], names: MxNames): MxList {
  // RFC 7505 3: one record, preference 0, root. Beside others it is a mistake that says nothing.
  const usable = records.filter(({ exchange }) => exchange !== '');
  if (usable.length === 0) return failed('5.1.10', `${domain} takes no mail (null MX)`);
  const preferences = new Map<number, Set<string>>();
  let ours = Number.POSITIVE_INFINITY;
  for (const { exchange, preference } of usable) {
    if (names.isOwn(exchange)) ours = Math.min(ours, preference);
    const hosts = preferences.get(preference);
    if (hosts === undefined) preferences.set(preference, new Set([exchange]));
    else hosts.add(exchange);
  }
  const groups: MxGroup[] = [];
  let room = maxHosts;
  for (const preference of [...preferences.keys()].sort((a, b) => a - b)) {
    // RFC 5321 5.1: a host in the list drops itself and every one that is not preferred to it, or mail would go in a loop.
    if (preference >= ours || room <= 0) break;
    const hosts = shuffled([...preferences.get(preference)!], names).slice(0, room);
    room -= hosts.length;
    groups.push({ preference, hosts });
  }
  if (groups.length === 0) return loops(domain);
  return { kind: 'groups', groups, implicit: false, own: ours !== Number.POSITIVE_INFINITY };
}

export const loops = (domain: string): RoutingProblem =>
  failed('5.4.6', `the DNS names this relay as the first host of ${domain}, which it does not know as its own`);

/** Fisher and Yates. */
export function shuffled<T>(list: T[], names: Pick<MxNames, 'below'>): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = names.below(i + 1);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}
