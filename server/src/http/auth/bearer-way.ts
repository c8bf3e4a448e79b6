/** A bearer token (RFC 6750) for JMAP programs: one of the person's app passwords, without a name. In the header only (2.1). */
import type { TokenAuthenticator } from '../../auth/token-authenticator.js';
import type { Clock } from '../../kernel/clock.js';
import type { WayIn } from './identify.js';
import { programWay } from './program-way.js';

export const bearerWay = (tokens: TokenAuthenticator, clock: Clock): WayIn =>
  programWay('bearer', (token, { peer, secure }) => tokens.login(token, { protocol: 'webmail', peer, secure }), clock);
