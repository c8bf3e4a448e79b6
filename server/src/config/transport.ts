/**
 * The transport table as a setting: `pattern=next hop`, separated by commas or as an array. A pattern is a domain, `*.domain` for
 * everything below it, or an address. A next hop is
 *
 *   smtp:host[:port]     the MX of that name, or its address when it has none
 *   smtp:[host][:port]   that very host (sendmail's brackets)
 *   lmtp:[host]:port, lmtp:/path
 *   mailbox              the mailbox service
 *   mx                   what the DNS says of the domain, past any smart host
 *   discard
 *   error:550 5.7.1 text
 */
import { isIP } from 'node:net';
import { BadValue, type Kind } from './kinds.js';

/** A host that is named, over SMTP or LMTP. `mx`: its MX records are asked (sendmail's SMART_HOST without brackets). */
export interface HostHop {
  readonly kind: 'host';
  readonly protocol: 'smtp' | 'lmtp';
  readonly host: string;
  readonly port: number;
  readonly mx: boolean;
}

export type NextHop =
  | HostHop
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'mailbox' | 'mx' | 'discard' }
  | { readonly kind: 'error'; readonly reply: string };

export interface TransportRule {
  /** Lower case: `domain`, `*.domain` or `local@domain`. */
  readonly pattern: string;
  readonly hop: NextHop;
}

const isHost = (text: string): boolean =>
  isIP(text) !== 0 ||
  (text.length <= 253 && /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*$/i.test(text));

export const isDomainPattern = (text: string): boolean => {
  const domain = text.startsWith('*.') ? text.slice(2) : text;
  return isIP(domain) === 0 && isHost(domain);
};

function portOf(text: string, initial: number): number | undefined {
  if (text === '') return initial;
  const port = /^:\d{1,5}$/.test(text) ? Number(text.slice(1)) : 0;
  return port > 0 && port < 65_536 ? port : undefined;
}

/** `host`, `host:port`, `[host]`, `[host]:port`; undefined if it is none of these. */
export function parseHost(text: string, initialPort: number): { host: string; port: number; mx: boolean } | undefined {
  const bracketed = text.startsWith('[');
  const end = bracketed ? text.indexOf(']') : text.includes(':') ? text.lastIndexOf(':') : text.length;
  if (end < 0) return undefined;
  const host = text.slice(bracketed ? 1 : 0, end).toLowerCase();
  const port = portOf(text.slice(bracketed ? end + 1 : end), initialPort);
  if (port === undefined || !isHost(host)) return undefined;
  // An address has no MX.
  return { host, port, mx: !bracketed && isIP(host) === 0 };
}

function parseNextHop(text: string): NextHop | undefined {
  if (text === 'mailbox' || text === 'mx' || text === 'discard') return { kind: text };
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1).trim();
  switch (text.slice(0, Math.max(0, colon))) {
    case 'smtp': {
      const host = parseHost(rest, 25);
      return host && { kind: 'host', protocol: 'smtp', ...host };
    }
    case 'lmtp': {
      if (rest.startsWith('/')) return { kind: 'socket', path: rest };
      const host = parseHost(rest, 24);
      return host && { kind: 'host', protocol: 'lmtp', ...host, mx: false };
    }
    case 'error':
      return /^[45]\d\d [45]\.\d{1,3}\.\d{1,3} [ -~]{1,200}$/.test(rest) ? { kind: 'error', reply: rest } : undefined;
    default:
      return undefined;
  }
}

const expects =
  'rules such as lists.labo.example=smtp:[lists.labo.example] (also lmtp:host:port, mailbox, mx, discard, error:550 5.7.1 text)';

function parseRule(text: string): TransportRule {
  const equals = text.indexOf('=');
  const pattern = text.slice(0, Math.max(0, equals)).trim().toLowerCase();
  const hop = parseNextHop(text.slice(equals + 1).trim());
  const at = pattern.lastIndexOf('@');
  if (hop === undefined || at === 0 || !isDomainPattern(pattern.slice(at + 1))) {
    throw new BadValue(`must be ${expects}: "${text}" is not a rule`);
  }
  return { pattern, hop };
}

export function transportTable(): Kind<readonly TransportRule[]> {
  return {
    expects,
    read(raw) {
      const texts = Array.isArray(raw) ? raw : typeof raw === 'string' ? raw.split(',') : undefined;
      if (texts === undefined || texts.some((one) => typeof one !== 'string')) throw new BadValue(`must be ${expects}`);
      const rules = (texts as string[]).filter((one) => one.trim() !== '').map(parseRule);
      const twice = rules.find(({ pattern }, i) => rules.findIndex((one) => one.pattern === pattern) < i);
      if (twice !== undefined) throw new BadValue(`names ${twice.pattern} twice`);
      return Object.freeze(rules);
    },
    show: (rules) => rules.map(({ pattern, hop }) => `${pattern}=${showNextHop(hop)}`).join(','),
  };
}

/** One host: a smart host, or another program's door. */
export function nextHop(...kinds: readonly NextHop['kind'][]): Kind<NextHop> {
  const hosts = 'a next hop such as smtp:[relay.example]:25 or lmtp:[127.0.0.1]:1024';
  return {
    expects: hosts,
    read(raw) {
      const hop = typeof raw === 'string' ? parseNextHop(raw.trim()) : undefined;
      if (hop === undefined || !kinds.includes(hop.kind)) throw new BadValue(`must be ${hosts}`);
      return hop;
    },
    show: showNextHop,
  };
}

export function showNextHop(hop: NextHop): string {
  switch (hop.kind) {
    case 'host':
      return `${hop.protocol}:${hop.mx ? hop.host : `[${hop.host}]`}:${hop.port}`;
    case 'socket':
      return `lmtp:${hop.path}`;
    case 'error':
      return `error:${hop.reply}`;
    default:
      return hop.kind;
  }
}
