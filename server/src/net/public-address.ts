/**
 * Which addresses are on the open internet: what the service fetches for somebody must not be a way into networks that only
 * this machine reaches. From the IANA special-purpose registries (RFC 6890 and its successors), the stricter reading where
 * they differ. IPv6 is taken from the one block that is given out (2000::/3) less what in it leads elsewhere; so every form that
 * carries an IPv4 address inside (mapped, compatible, NAT64, 6to4, Teredo) is refused whatever address that is.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { parseNetworks } from './address.js';

const notPublicIpv4 = parseNetworks([
  '0.0.0.0/8', // this network
  '10.0.0.0/8',
  '100.64.0.0/10', // shared with a provider's own machines (RFC 6598)
  '127.0.0.0/8',
  '169.254.0.0/16', // link-local, and the metadata of clouds
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16',
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
]);
const givenOutIpv6 = parseNetworks(['2000::/3']);
const notPublicIpv6 = parseNetworks([
  '2001::/23', // IETF protocols: Teredo, benchmarks, ORCHID
  '2001:db8::/32',
  '2002::/16', // 6to4
  '3fff::/20',
]);

/** An address in its usual form, without a zone. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublicIpv4.has(address);
  return isIPv6(address) && !address.includes('%') && givenOutIpv6.has(address) && !notPublicIpv6.has(address);
}
