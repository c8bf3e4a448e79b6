/**
 * The policy of a domain, from its web server (RFC 8461 3.3): over TLS that proves the name, without redirects, as plain text, short,
 * and within a minute. The connection goes to an address of the open internet and to no other, because it is a stranger that
 * names the host. Rejects with what was wrong.
 */
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Dns } from '../dns/answer.js';
import type { Family } from '../routing/hops.js';

export interface FetchRules {
  readonly dns: Dns;
  readonly families: readonly Family[];
  readonly allowed: (address: string) => boolean;
  /** Tests play the outside on this machine. */
  readonly port?: number;
  readonly authorities?: string;
}

export type FetchPolicy = (domain: string, signal: AbortSignal) => Promise<string>;

const path = '/.well-known/mta-sts.txt';
/** RFC 8461 3.3 suggests both. */
const maxBytes = 64 * 1024;
const timeoutMs = 60_000;

export function policyFetcher(rules: FetchRules): FetchPolicy {
  return async (domain, signal) => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const host = `mta-sts.${domain}`;
    const { address, family } = await addressOf(host, rules, within);
    const lookup: LookupFunction = (_name, options, done) => {
      if (options.all === true) done(null, [{ address, family }]);
      else done(null, address, family);
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asking = request(
        {
          host,
          servername: host,
          path,
          port: rules.port ?? 443,
          agent: false,
          lookup,
          signal: within,
          ...(rules.authorities === undefined ? {} : { ca: rules.authorities }),
        },
        resolve,
      );
      asking.once('error', reject);
      asking.end();
    });
    try {
      return await textOf(response);
    } finally {
      response.destroy();
    }
  };
}

async function addressOf(
  host: string,
  { dns, families, allowed }: FetchRules,
  signal: AbortSignal,
): Promise<{ readonly address: string; readonly family: Family }> {
  for (const family of families) {
    const found = await dns.addresses(host, family, signal);
    if (found.kind !== 'records') continue;
    // A name that is here and there at once has no honest use.
    if (!found.records.every(allowed)) throw new Error('an inner address');
    return { address: found.records[0]!, family };
  }
  throw new Error(`${host} has no address`);
}

async function textOf(response: IncomingMessage): Promise<string> {
  // 3.3: redirects are not followed, any other status is no policy.
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  const type = (response.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (type !== 'text/plain') throw new Error(`type ${type}`);
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > maxBytes) throw new Error('too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
