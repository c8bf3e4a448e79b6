/**
 * The name under which passkeys of a browser's page are made and used (WebAuthn 5.1.2, RP ID): the public name of the service, on it and
 * on names under it, over TLS; on the machine itself `localhost`. On any other address (a bare IP, a neighbour's name) there are none.
 */
import type { FastifyRequest } from 'fastify';
import type { WebOrigin } from '../../auth/passkeys.js';
import { originOf, peerOf } from './identify.js';

export function passkeySite(request: FastifyRequest, publicHost: string): WebOrigin | undefined {
  const { peer, secure } = peerOf(request);
  const address = URL.canParse(originOf(request)) ? new URL(originOf(request)) : undefined;
  if (address === undefined) return undefined;
  const { hostname, origin } = address;
  const at = { origin, peer, secure };
  if (hostname === 'localhost') return { ...at, rpId: hostname };
  const rpId = publicHost.toLowerCase();
  return secure && (hostname === rpId || hostname.endsWith(`.${rpId}`)) ? { ...at, rpId } : undefined;
}
