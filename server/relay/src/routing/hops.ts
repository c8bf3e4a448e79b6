/**
 * The hosts to speak to for a route, one after the other, each with an address: looked up as late as possible, so that a message
 * the first host takes never waits for the name servers of the last. All hosts of one preference are looked up before the first
 * of them is tried, because one of them may be this relay under another name (RFC 5321 5.1).
 *
 * Never throws but for the signal. When there is nothing to try, or nothing more, the generator returns why.
 */
import { isIP } from 'node:net';
import type { Dns, DnsAnswer } from '../dns/answer.js';
import { literalAddress } from './domain.js';
import { loops, type MxGroup, type MxNames, mxList, shuffled } from './mx-list.js';
import { failed, later, type RoutingProblem } from './problem.js';

/** One host at one address. */
export interface Hop {
  /** Its name, for the certificate and the trace; its address where it has none. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
}

export type Family = 4 | 6;

export interface HopParts {
  readonly dns: Dns;
  readonly names: MxNames;
  /** An address of this machine at which this relay listens. */
  readonly isOwnAddress: (address: string, port: number) => boolean;
  /** In the order in which they are tried. */
  readonly families: readonly Family[];
}

/** Addresses of one attempt, all hosts together (RFC 5321 5.1: at least two should be tried). */
const maxAddresses = 10;

export type Hops = AsyncGenerator<Hop, RoutingProblem | undefined, void>;

/** Whoever takes mail for a domain. `accepts`: of its hosts, those that may be used (RFC 8461 4.1). */
export async function* mxHops(
  domain: string,
  port: number,
  parts: HopParts,
  signal: AbortSignal,
  accepts: (host: string) => boolean = () => true,
): Hops {
  const literal = literalAddress(domain);
  if (literal !== undefined) {
    if (parts.isOwnAddress(literal, port)) return loops(domain);
    yield { host: literal, address: literal, port };
    return undefined;
  }
  const list = mxList(domain, await parts.dns.mx(domain, signal), parts.names);
  if (list.kind !== 'groups') return list;
  const groups = list.groups
    .map(({ preference, hosts }) => ({ preference, hosts: hosts.filter(accepts) }))
    .filter(({ hosts }) => hosts.length > 0);
  if (groups.length === 0) return later('4.7.5', `no host of ${domain} is in its MTA-STS policy`);
  return yield* hopsOf(domain, groups, port, parts, signal);
}

/** One host, whatever the MX of its name are. */
export async function* hostHops(host: string, port: number, parts: HopParts, signal: AbortSignal): Hops {
  if (isIP(host) !== 0) {
    yield { host, address: host, port };
    return undefined;
  }
  // Whoever runs the relay named it: another program on this very machine may well be meant.
  const named = { ...parts, isOwnAddress: () => false };
  return yield* hopsOf(host, [{ preference: 0, hosts: [host] }], port, named, signal);
}

async function* hopsOf(
  domain: string,
  groups: readonly MxGroup[],
  port: number,
  parts: HopParts,
  signal: AbortSignal,
): Hops {
  let tried = 0;
  let unknown: DnsAnswer<string> | undefined;
  for (const { hosts } of groups) {
    const found = await Promise.all(hosts.map((host) => addressesOf(host, parts, signal)));
    if (found.some(({ addresses }) => addresses.some((address) => parts.isOwnAddress(address, port)))) {
      return tried === 0 ? loops(domain) : undefined;
    }
    for (const [i, { addresses, failure }] of found.entries()) {
      if (failure !== undefined) unknown = failure;
      for (const address of addresses) {
        if (tried++ >= maxAddresses) return undefined;
        yield { host: hosts[i]!, address, port };
      }
    }
  }
  if (tried > 0) return undefined;
  return unknown === undefined
    ? failed('5.4.4', `no host that takes mail for ${domain} has an address`)
    : later('4.4.3', `the DNS did not give the address of a host that takes mail for ${domain}`);
}

/** Families alternate, so that one that does not work here costs every second attempt and not all of them. */
async function addressesOf(
  host: string,
  { dns, families, names }: HopParts,
  signal: AbortSignal,
): Promise<{ readonly addresses: readonly string[]; readonly failure: DnsAnswer<string> | undefined }> {
  // RFC 5321 5.1 forbids an address here; many write one all the same, and what they mean is clear.
  if (isIP(host) !== 0) return { addresses: [host], failure: undefined };
  const answers = await Promise.all(families.map((family) => dns.addresses(host, family, signal)));
  const lists = answers.map((answer) => (answer.kind === 'records' ? shuffled([...answer.records], names) : []));
  const addresses: string[] = [];
  for (let i = 0; lists.some((list) => i < list.length); i++) {
    for (const list of lists) if (i < list.length) addresses.push(list[i]!);
  }
  return { addresses, failure: answers.find(({ kind }) => kind === 'failed') };
}
