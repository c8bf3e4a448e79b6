/** Where a listener listens, as a setting: read with the net layer's grammar, shown in the same form. */
import { MailError } from '../kernel/errors.js';
import { type ListenAddress, parseListenAddress } from '../net/address.js';
import { BadValue, type Kind } from './kinds.js';

/** Longer paths are cut by the system without a word, and nobody finds the socket (sun_path is 108 octets on Linux). */
export const maxSocketPathBytes = 100;

const expects = 'host:port, :port, a Unix socket path (with a /) or off';

function read(text: string): ListenAddress {
  try {
    const address = parseListenAddress(text);
    if (address.kind === 'unix' && Buffer.byteLength(address.path) > maxSocketPathBytes) {
      throw new BadValue(`must be a socket path of at most ${maxSocketPathBytes} octets`);
    }
    return address;
  } catch (error) {
    if (error instanceof MailError) throw new BadValue(`must be ${expects}`);
    throw error;
  }
}

export function showListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return address.path;
  if (address.host === undefined) return `:${address.port}`;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

export const listenAddress: Kind<ListenAddress> = {
  expects,
  read(raw) {
    if (typeof raw === 'number' && Number.isInteger(raw)) return read(`:${raw}`);
    if (typeof raw !== 'string') throw new BadValue(`must be ${expects}`);
    return Object.freeze(read(raw.trim()));
  },
  show: showListenAddress,
};
