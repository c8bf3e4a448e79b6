/**
 * The PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt), as a receiver. A listener that expects the header from a
 * network takes no connection of that network without it, and never looks for one from elsewhere: guessing would let a
 * stranger name any address (its section 2).
 *
 * Pure: `parseProxyHeader` is given what has come so far.
 */

import { isIP } from 'node:net';

export type ProxyHeader =
  /** More octets are needed. */
  | { readonly kind: 'more' }
  | { readonly kind: 'bad' }
  /** A health check of the proxy's own (LOCAL), or UNKNOWN: the connection's own addresses count. */
  | { readonly kind: 'local'; readonly length: number }
  | { readonly kind: 'proxied'; readonly length: number; readonly address: string; readonly port: number };

const signature = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
/** Section 2.1: the longest version 1 line with its CRLF. */
const maxVersion1Bytes = 107;
/** Section 2.2 lets 65,535 octets follow; addresses and the usual TLVs take far less. */
const maxVersion2Bytes = 4096;

export function parseProxyHeader(octets: Buffer): ProxyHeader {
  const known = Math.min(octets.length, signature.length);
  if (octets.compare(signature, 0, known, 0, known) === 0) {
    return octets.length < 16 ? { kind: 'more' } : version2(octets);
  }
  const start = 'PROXY ';
  if (octets.toString('latin1', 0, Math.min(octets.length, start.length)) !== start.slice(0, octets.length)) {
    return { kind: 'bad' };
  }
  return version1(octets);
}

function version1(octets: Buffer): ProxyHeader {
  const end = octets.indexOf('\r\n');
  if (end < 0) return octets.length >= maxVersion1Bytes ? { kind: 'bad' } : { kind: 'more' };
  const length = end + 2;
  if (length > maxVersion1Bytes) return { kind: 'bad' };
  const words = octets.toString('latin1', 0, end).split(' ');
  if (words[1] === 'UNKNOWN') return { kind: 'local', length };
  const family = words[1] === 'TCP4' ? 4 : words[1] === 'TCP6' ? 6 : 0;
  const [, , source = '', destination = '', sourcePort = '', destinationPort = ''] = words;
  const port = Number(sourcePort);
  if (words.length !== 6 || family === 0) return { kind: 'bad' };
  if (!isAddress(source, family) || !isAddress(destination, family)) return { kind: 'bad' };
  if (!isPort(port) || !isPort(Number(destinationPort))) return { kind: 'bad' };
  return { kind: 'proxied', length, address: source, port };
}

function version2(octets: Buffer): ProxyHeader {
  const command = octets[12]!;
  const family = octets[13]!;
  const length = 16 + octets.readUInt16BE(14);
  if (command >> 4 !== 2 || (command & 15) > 1 || length > maxVersion2Bytes) return { kind: 'bad' };
  if (octets.length < length) return { kind: 'more' };
  if ((command & 15) === 0) return { kind: 'local', length };
  // 0x11: TCP over IPv4; 0x21: TCP over IPv6; others (UDP, Unix) name no address of ours.
  if (family === 0x11) {
    if (length < 16 + 12) return { kind: 'bad' };
    return { kind: 'proxied', length, address: octets.subarray(16, 20).join('.'), port: octets.readUInt16BE(24) };
  }
  if (family === 0x21) {
    if (length < 16 + 36) return { kind: 'bad' };
    const groups: string[] = [];
    for (let at = 16; at < 32; at += 2) groups.push(octets.readUInt16BE(at).toString(16));
    return { kind: 'proxied', length, address: shortIpv6(groups), port: octets.readUInt16BE(48) };
  }
  return { kind: 'local', length };
}

/** RFC 5952: the one way to write an IPv6 address, so that logs and throttles see one peer as one. */
function shortIpv6(groups: readonly string[]): string {
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function isAddress(text: string, family: 4 | 6): boolean {
  return isIP(text) === family;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535;
}
