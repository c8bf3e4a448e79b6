/**
 * HTTP Basic (RFC 7617) for JMAP programs: name and password. We never ask for it in a 401, so that no browser keeps a password
 * and sends it unasked.
 */
import type { Authenticator } from '../../auth/authenticator.js';
import type { Clock } from '../../kernel/clock.js';
import type { WayIn } from './identify.js';
import { programWay } from './program-way.js';

export const basicWay = (authenticator: Authenticator, clock: Clock): WayIn =>
  programWay(
    'basic',
    async (mark, { peer, secure }) => {
      const credentials = decode(mark);
      return credentials && (await authenticator.login({ ...credentials, protocol: 'webmail', peer, secure }));
    },
    clock,
  );

/** RFC 7617 section 2: base64 of `user-id:password`; the first colon divides, and the password may hold others. */
function decode(mark: string): { readonly identity: string; readonly password: Uint8Array } | undefined {
  const octets = Buffer.from(mark, 'base64');
  const colon = octets.indexOf(0x3a);
  if (colon < 1) return undefined;
  return { identity: octets.toString('utf8', 0, colon), password: octets.subarray(colon + 1) };
}
