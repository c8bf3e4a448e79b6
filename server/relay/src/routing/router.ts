/**
 * The transport table as a router (`route.ts`): an address before its domain, a domain before what encloses it, the table before the
 * smart host, that before the DNS. It is made once and checked as a whole: a domain that stands twice, or is the laboratory's own
 * and a partner's, is an error that names both places, because a message would go round in a loop, or to a stranger.
 */
import type { NextHop, TransportRule } from '@vaguemestre/server/config/transport';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { canonicalDomain, enclosingDomains, literalAddress, splitAddress } from './domain.js';
import type { Route, Router } from './route.js';

export interface RouterSettings {
  /** The laboratory's domain: unqualified addresses are in it. */
  readonly domain: string;
  /** Others whose mail ends here; `*.domain` for all below it. */
  readonly domains: readonly string[];
  /** Domains that this relay is a spare mail host of. */
  readonly partners: readonly string[];
  readonly transports: readonly TransportRule[];
  readonly smartHost: NextHop | undefined;
}

interface Entry {
  readonly hop: NextHop;
  /** For messages. */
  readonly place: string;
  /** Mail for it is taken from anybody. A rule for a domain of strangers says how ours goes there, no more: else every rule would
   *  make an open relay. */
  readonly accepted: boolean;
}

const mailbox: NextHop = { kind: 'mailbox' };
const byDns: NextHop = { kind: 'mx' };

/** Throws MailError invalid. */
export function createRouter(settings: RouterSettings): Router {
  const entries = new Map<string, Entry>();
  const own = new Set([settings.domain, ...settings.domains].map(keyOf));
  const put = (pattern: string, entry: Entry): void => {
    const key = keyOf(pattern);
    const before = entries.get(key);
    if (before !== undefined) {
      throw new MailError('invalid', `${pattern} stands in ${before.place} and in ${entry.place}`);
    }
    entries.set(key, entry);
  };
  for (const key of own) entries.set(key, { hop: mailbox, place: 'the domains of the laboratory', accepted: true });
  const partners = new Set(settings.partners.map(keyOf));
  for (const { pattern, hop } of settings.transports) {
    const accepted = domainsAround(keyOf(pattern)).some((key) => own.has(key) || partners.has(key));
    put(pattern, { hop, place: 'relay-transports', accepted });
  }
  // A partner's mail goes on by the DNS, which names the hosts that are nearer to it, and past any smart host; or as a rule says.
  for (const key of partners) {
    if (own.has(key)) throw new MailError('invalid', `${key} is a domain of the laboratory and one of relay-partners`);
    if (!entries.has(key)) entries.set(key, { hop: byDns, place: 'relay-partners', accepted: true });
  }

  const find = (address: string): { readonly domain: string; readonly entry: Entry | undefined } | undefined => {
    const { localPart, domain: written } = splitAddress(address);
    const domain = written === '' ? settings.domain : plainDomain(written);
    if (domain === undefined) return undefined;
    // RFC 5321 2.4: case counts for the receiving host alone; a table that heeded it would be passed by accident.
    const exact = entries.get(`${localPart.toLowerCase()}@${domain}`);
    if (exact !== undefined) return { domain, entry: exact };
    for (const key of enclosingDomains(domain)) {
      const entry = entries.get(key);
      if (entry !== undefined) return { domain, entry };
    }
    return { domain, entry: undefined };
  };

  return {
    routeOf(address) {
      const found = find(address);
      if (found === undefined) return { kind: 'error', reply: '550 5.1.2 The domain of the address is malformed' };
      return routeTo(found.entry?.hop ?? settings.smartHost ?? byDns, found.domain);
    },
    isLocal: (address) => find(address)?.entry?.hop.kind === 'mailbox',
    isRelayed(address) {
      const found = find(address);
      return found?.entry?.accepted === true && found.entry.hop.kind !== 'mailbox';
    },
  };
}

function routeTo(hop: NextHop, domain: string): Route {
  switch (hop.kind) {
    case 'mx':
      return { kind: 'mx', domain };
    case 'mailbox':
    case 'discard':
      return { kind: hop.kind };
    default:
      return hop;
  }
}

/** RFC 5321 4.1.3: a literal names a host; it stays as it is. */
const plainDomain = (written: string): string | undefined =>
  literalAddress(written) === undefined ? canonicalDomain(written) : written.toLowerCase();

/** Keys of the domains that a key is in: of `list@lists.labo.example` that domain, `.lists.labo.example`, `.labo.example` and, because a
 *  laboratory's domain stands for what is below it, `labo.example`. */
function domainsAround(key: string): string[] {
  const domain = key.slice(key.lastIndexOf('@') + 1);
  return [...enclosingDomains(domain)].flatMap((one) => (one.startsWith('.') ? [one, one.slice(1)] : [one]));
}

/** As `find` asks: `local@domain`, `domain`, `.domain` for all below it. */
function keyOf(pattern: string): string {
  const at = pattern.lastIndexOf('@');
  const below = pattern.startsWith('*.');
  const domain = canonicalDomain(below ? pattern.slice(2) : pattern.slice(at + 1));
  if (domain === undefined) throw new MailError('invalid', `${pattern} is no domain`);
  if (at >= 0) return `${pattern.slice(0, at).toLowerCase()}@${domain}`;
  return below ? `.${domain}` : domain;
}
