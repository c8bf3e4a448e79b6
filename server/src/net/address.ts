/**
 * Addresses of peers, networks (CIDR) that the configuration names, and what a listener binds to. An IPv4 address that comes
 * mapped into IPv6 (`::ffff:192.0.2.1`, from a dual-stack listener) is the IPv4 address everywhere.
 */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { MailError } from '../kernel/errors.js';

/** Without the IPv6 mapping and without a zone (`%eth0`). */
export function plainAddress(address: string): string {
  const zone = address.indexOf('%');
  const bare = zone < 0 ? address : address.slice(0, zone);
  if (bare.length > 7 && bare.slice(0, 7).toLowerCase() === '::ffff:' && isIPv4(bare.slice(7))) return bare.slice(7);
  return bare;
}

export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '::1' || (plain.startsWith('127.') && isIPv4(plain));
}

/** A set of networks. */
export interface Networks {
  readonly size: number;
  /** False for anything that is no IP address (the path of a Unix socket). */
  has(address: string): boolean;
}

/** Each text is an address or a network in CIDR form; throws MailError invalid naming the one that is neither. */
export function parseNetworks(texts: readonly string[]): Networks {
  const list = new BlockList();
  for (const text of texts) {
    const slash = text.indexOf('/');
    const address = plainAddress(slash < 0 ? text : text.slice(0, slash));
    const family = isIP(address);
    const widest = family === 6 ? 128 : 32;
    const prefix = slash < 0 ? widest : decimal(text.slice(slash + 1));
    if (family === 0 || prefix === undefined || prefix > widest) {
      throw new MailError('invalid', `"${text}" is not an IP address or a network such as 192.0.2.0/24`);
    }
    list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
  }
  return {
    size: texts.length,
    has: (address) => {
      const plain = plainAddress(address);
      const family = isIP(plain);
      return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
    },
  };
}

/** Of this machine. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => plainAddress(address)));
}

export type ListenAddress =
  /** `host` undefined: every interface, IPv6 and IPv4. */
  | { readonly kind: 'tcp'; readonly host: string | undefined; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** `host:port`, `[v6]:port`, `:port`, or the path of a Unix socket (it has a slash). Throws MailError invalid. */
export function parseListenAddress(text: string): ListenAddress {
  if (text.includes('/')) return { kind: 'unix', path: text };
  const colon = text.lastIndexOf(':');
  const port = colon < 0 ? undefined : decimal(text.slice(colon + 1));
  if (port === undefined || port > 65_535) throw notAnAddress(text);
  const host = text.slice(0, colon);
  if (host === '') return { kind: 'tcp', host: undefined, port };
  if (host.startsWith('[')) {
    const inner = host.slice(1, -1);
    if (!host.endsWith(']') || !isIPv6(inner)) throw notAnAddress(text);
    return { kind: 'tcp', host: inner, port };
  }
  if (host.includes(':')) throw notAnAddress(text);
  return { kind: 'tcp', host, port };
}

const notAnAddress = (text: string): MailError =>
  new MailError('invalid', `"${text}" is not host:port, [IPv6]:port, :port or the path of a socket`);

/** A decimal number of at most five digits. */
function decimal(text: string): number | undefined {
  if (text.length === 0 || text.length > 5) return undefined;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i);
    if (digit < 48 || digit > 57) return undefined;
  }
  return Number(text);
}
