import { BlockList, isIP } from 'node:net';
import type { Zone } from '@vaguemestre/shared/people';
import type { Peer } from '../net/connection.js';

/** `192.0.2.0/24`, `2001:db8::/32` or a single address. */
export interface ZoneNetworks {
  readonly laboratory: readonly string[];
  readonly vpn: readonly string[];
}

/** Throws an Error that names the network if one cannot be read: configuration is checked before anything starts. */
export function createZones(networks: ZoneNetworks): (peer: Peer) => Zone {
  const laboratory = blockList(networks.laboratory);
  const vpn = blockList(networks.vpn);
  return (peer) => {
    // The machine itself stands in the laboratory.
    if (peer.unix || peer.local) return 'laboratory';
    const address = bareAddress(peer.address);
    const family = isIP(address);
    if (family === 0) return 'outside';
    const kind = family === 4 ? 'ipv4' : 'ipv6';
    // The VPN's pool may be a part of the laboratory's networks; the narrower statement counts.
    if (vpn.check(address, kind)) return 'vpn';
    return laboratory.check(address, kind) ? 'laboratory' : 'outside';
  };
}

/** An IPv4 address that a dual-stack listener shows as `::ffff:a.b.c.d` is that IPv4 address. Scope ids are dropped. */
export function bareAddress(address: string): string {
  const scope = address.indexOf('%');
  const unscoped = scope < 0 ? address : address.slice(0, scope);
  const mapped = unscoped.toLowerCase().startsWith('::ffff:') ? unscoped.slice(7) : unscoped;
  return isIP(mapped) === 4 ? mapped : unscoped;
}

/**
 * The network that answers for a guess: an IPv4 address, an IPv6 /64 (one customer has at least that many addresses, and
 * counting each by itself would give 2^64 free guesses). Sockets of the machine are one network.
 */
export function networkOf(peer: Peer): string {
  if (peer.unix) return 'local';
  const address = bareAddress(peer.address);
  if (isIP(address) !== 6) return address;
  return `${expandIpv6(address).slice(0, 4).join(':')}::/64`;
}

function expandIpv6(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] =>
    text === ''
      ? []
      : text.split(':').flatMap((group) => {
          if (!group.includes('.')) return [Number.parseInt(group, 16).toString(16)];
          const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
          return [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
        });
  const front = groups(head);
  if (tail === undefined) return front;
  const back = groups(tail);
  return [...front, ...Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back];
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits, extra] = network.trim().split('/');
    const family = isIP(address);
    const width = family === 4 ? 32 : 128;
    const prefix = bits === undefined ? width : Number(bits);
    if (family === 0 || extra !== undefined || bits === '' || !(prefix >= 0 && prefix <= width && prefix % 1 === 0)) {
      throw new Error(`"${network}" is no network; write it as 192.0.2.0/24 or 2001:db8::/32`);
    }
    list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
