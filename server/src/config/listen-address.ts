/** Where a listener listens: `host:port`, `:port` (all addresses), `[ipv6]:port`, or the path of a Unix socket. */
import { isIP } from 'node:net';
import { BadValue, type Kind } from './kinds.js';

export type ListenAddress =
  /** `host` undefined: every interface, IPv6 and IPv4. */
  | { readonly kind: 'tcp'; readonly host: string | undefined; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** Longer paths are cut by the system without a word, and nobody finds the socket (sun_path is 108 octets on Linux). */
export const maxSocketPathBytes = 100;

const expects = 'host:port, :port, a Unix socket path (with a /) or off';

export function parseListenAddress(text: string): ListenAddress {
  if (text.includes('/')) {
    if (Buffer.byteLength(text) > maxSocketPathBytes) {
      throw new BadValue(`must be a socket path of at most ${maxSocketPathBytes} octets`);
    }
    return { kind: 'unix', path: text };
  }
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) throw new BadValue(`must be ${expects}`);
  const bracketed = match[1];
  if (bracketed !== undefined && isIP(bracketed) !== 6) throw new BadValue(`must be ${expects}`);
  // An empty host is every address of the machine, IPv6 and IPv4.
  const host = bracketed ?? match[2] ?? '';
  return { kind: 'tcp', host: host === '' || host === '*' ? undefined : host, port };
}

export function showListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return address.path;
  if (address.host === undefined) return `:${address.port}`;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

export const listenAddress: Kind<ListenAddress> = {
  expects,
  read(raw) {
    if (typeof raw === 'number' && Number.isInteger(raw)) return parseListenAddress(`:${raw}`);
    if (typeof raw !== 'string') throw new BadValue(`must be ${expects}`);
    return Object.freeze(parseListenAddress(raw.trim()));
  },
  show: showListenAddress,
};
