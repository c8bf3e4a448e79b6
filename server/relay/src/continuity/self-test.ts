/**
 * What the world sees of the laboratory's mail, and whether it would survive the loss of one place: the MX of its domains, the name
 * servers of its zone, its SPF record. It asks the DNS as strangers do, changes nothing, and says for each finding what to do. A
 * question that got no answer is a finding of its own, never "there is none".
 */
import { isIPv4 } from 'node:net';
import type { Finding } from '@vaguemestre/server/outbox/relay-outlook';
import type { Dns, DnsAnswer } from '../dns/answer.js';
import { stsId } from '../sts/sts-policy.js';

export interface SelfTestOptions {
  readonly domains: readonly string[];
  /** By which the DNS knows this relay. */
  readonly hostname: string;
  readonly mode: 'campus' | 'direct';
}

/** Rejects with the reason of the signal only. */
export async function selfTest(options: SelfTestOptions, dns: Dns, signal: AbortSignal): Promise<readonly Finding[]> {
  const ofDomains = await Promise.all(options.domains.map((domain) => testDomain(domain, options, dns, signal)));
  return [...(await testOwnName(options.hostname, dns, signal)), ...ofDomains.flat()];
}

async function testDomain(
  domain: string,
  options: SelfTestOptions,
  dns: Dns,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const [mx, servers, txt, sts] = await Promise.all([
    dns.mx(domain, signal),
    dns.nameServers(domain, signal),
    dns.txt(domain, signal),
    dns.txt(`_mta-sts.${domain}`, signal),
  ]);
  return [
    ...(await testMx(domain, mx, options, dns, signal)),
    ...(await testNameServers(domain, servers, dns, signal)),
    testSpf(domain, txt),
    testSts(domain, sts),
  ];
}

async function testMx(
  domain: string,
  answer: DnsAnswer<{ readonly exchange: string; readonly preference: number }>,
  { hostname, mode }: SelfTestOptions,
  dns: Dns,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (answer.kind !== 'records') return [missing('mx', domain, answer, 'add the hosts that take its mail', 'error')];
  const hosts = [...answer.records].sort((a, b) => a.preference - b.preference);
  const findings: Finding[] = [];
  const shown = hosts.map(({ exchange, preference }) => `${preference} ${exchange === '' ? '.' : exchange}`).join(', ');
  const own = hosts.some(({ exchange }) => exchange === hostname.toLowerCase());
  if (hosts.every(({ exchange }) => exchange === '')) {
    return [{ level: 'error', check: 'mx', name: domain, text: 'its null MX says that it takes no mail (RFC 7505)' }];
  }
  if (mode === 'campus' && own) {
    const text = `the mode is campus and this relay is among its hosts (${shown}): strangers are refused, their mail waits for nothing`;
    findings.push({ level: 'error', check: 'mx', name: domain, text });
  } else if (mode === 'direct' && !own) {
    const text = `the mode is direct and this relay is not among its hosts (${shown}): nobody outside knows that it is open`;
    findings.push({ level: 'warning', check: 'mx', name: domain, text });
  } else findings.push({ level: 'good', check: 'mx', name: domain, text: shown });
  const names = hosts.map(({ exchange }) => exchange).filter((name) => name !== '');
  findings.push(
    ...(await testDiversity(
      'mx-diversity',
      domain,
      names,
      'mail hosts',
      'an MX elsewhere (a partner, at 50)',
      dns,
      signal,
    )),
  );
  return findings;
}

/** An MX elsewhere is of no use when nobody can be asked for it. */
async function testNameServers(
  domain: string,
  answer: DnsAnswer<string>,
  dns: Dns,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (answer.kind !== 'records') {
    return [missing('ns-diversity', domain, answer, 'its zone may be a part of another; look at that one', 'warning')];
  }
  const advice = 'a name server elsewhere';
  return testDiversity('ns-diversity', domain, answer.records, 'name servers', advice, dns, signal);
}

/** Whether one fire, one router or one power cut takes all of them. */
async function testDiversity(
  check: string,
  domain: string,
  names: readonly string[],
  what: string,
  advice: string,
  dns: Dns,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const found = await Promise.all(
    names.map(async (name) => ({ name, addresses: await addressesOf(name, dns, signal) })),
  );
  const findings = found
    .filter(({ addresses }) => addresses.length === 0)
    .map(({ name }): Finding => ({ level: 'error', check, name: domain, text: `${name} has no address` }));
  const places = new Set(found.flatMap(({ addresses }) => addresses.map(placeOf)));
  if (places.size === 0) return findings;
  if (names.length < 2 || places.size < 2) {
    const text = `its ${what} are all in one place (${[...places].join(', ')}): the loss of it silences the domain; add ${advice}`;
    return [...findings, { level: 'warning', check, name: domain, text }];
  }
  return [...findings, { level: 'good', check, name: domain, text: `its ${what} are in ${places.size} places` }];
}

async function addressesOf(name: string, dns: Dns, signal: AbortSignal): Promise<readonly string[]> {
  const answers = await Promise.all([dns.addresses(name, 4, signal), dns.addresses(name, 6, signal)]);
  return answers.flatMap((answer) => (answer.kind === 'records' ? answer.records : []));
}

/** A campus has one network of 2^16 addresses, or one IPv6 prefix of 48 bits: as near as an address tells a place. */
function placeOf(address: string): string {
  if (isIPv4(address)) return `${address.split('.').slice(0, 2).join('.')}.0.0/16`;
  const head = address.split('::')[0]!.split(':').slice(0, 3);
  return `${head.join(':')}::/48`;
}

/** RFC 7208 3.2 and 4.5: one record; what it ends in tells others what to think of the rest. */
function testSpf(domain: string, answer: DnsAnswer<string>): Finding {
  const check = 'spf';
  if (answer.kind === 'failed') return missing(check, domain, answer, '', 'warning');
  const records = (answer.kind === 'records' ? answer.records : []).filter((text) => /^v=spf1( |$)/i.test(text));
  if (records.length === 0) {
    const text = 'it has no SPF record: anybody may write in its name; publish who sends its mail';
    return { level: 'warning', check, name: domain, text };
  }
  if (records.length > 1) {
    return {
      level: 'error',
      check,
      name: domain,
      text: `it has ${records.length} SPF records, which count as an error: leave one`,
    };
  }
  const [record = ''] = records;
  const last = record.trim().split(/\s+/).at(-1)!.toLowerCase();
  if (last === 'all' || last === '+all' || last === '?all') {
    return {
      level: 'warning',
      check,
      name: domain,
      text: `its SPF record ends in ${last}, which forbids nothing: ${record}`,
    };
  }
  return { level: 'good', check, name: domain, text: record };
}

function testSts(domain: string, answer: DnsAnswer<string>): Finding {
  if (answer.kind === 'failed') return missing('sts', domain, answer, '', 'warning');
  const id = answer.kind === 'records' ? stsId(answer.records) : undefined;
  return {
    level: 'good',
    check: 'sts',
    name: domain,
    text: id === undefined ? 'it publishes no MTA-STS policy (RFC 8461)' : `its MTA-STS policy is ${id}`,
  };
}

async function testOwnName(hostname: string, dns: Dns, signal: AbortSignal): Promise<readonly Finding[]> {
  const addresses = await addressesOf(hostname, dns, signal);
  const text =
    addresses.length > 0
      ? addresses.join(', ')
      : 'this relay says that name in EHLO, and the DNS knows no address of it: other hosts may refuse its mail';
  return [{ level: addresses.length > 0 ? 'good' : 'warning', check: 'address', name: hostname, text }];
}

function missing(
  check: string,
  name: string,
  answer: Exclude<DnsAnswer<unknown>, { readonly kind: 'records' }>,
  advice: string,
  level: Finding['level'],
): Finding {
  if (answer.kind === 'failed') {
    return { level: 'warning', check, name, text: `the DNS did not answer (${answer.why}): nothing can be said` };
  }
  const what = answer.why === 'noName' ? 'the name does not exist' : 'there is no such record';
  return { level, check, name, text: advice === '' ? what : `${what}: ${advice}` };
}
