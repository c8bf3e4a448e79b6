/**
 * An app password as a token of its own, without the name of its owner (RFC 6750): its 98 random bits name one person as well as
 * any address. Failures count against the network they come from and hold back further ones only: a right token cannot have been
 * guessed, and nobody's neighbour keeps it out. What stands in the way of the person is told as at any door.
 */
import type { Accounts } from '../database/accounts.js';
import { appIdOf, type Credentials } from '../database/credentials.js';
import { storedDigest } from './app-passwords.js';
import type { Principal } from './authenticator.js';
import type { Identified, JudgeLogin, LoginWay } from './judge-login.js';
import type { Throttle } from './throttle.js';
import { networkOf } from './zones.js';

export interface TokenAuthenticator {
  /** Throws as `Authenticator.login` does. */
  login(token: string, way: Pick<LoginWay, 'protocol' | 'peer' | 'secure'>): Promise<Principal>;
}

export interface TokenAuthenticatorParts {
  readonly accounts: Pick<Accounts, 'get'>;
  readonly credentials: Pick<Credentials, 'findApp'>;
  readonly throttle: Throttle;
  readonly judge: JudgeLogin;
}

export function createTokenAuthenticator(parts: TokenAuthenticatorParts): TokenAuthenticator {
  const { accounts, credentials, throttle } = parts;

  const identified = async (token: string): Promise<Identified | undefined> => {
    const digest = storedDigest(Buffer.from(token));
    const secret = digest === undefined ? undefined : await credentials.findApp(digest);
    const person = secret && (await accounts.get(secret.a));
    const app = secret && person?.apps?.find(({ id }) => id === appIdOf(secret));
    if (secret === undefined || person === undefined || app === undefined) return undefined;
    return { known: { person, password: undefined, apps: [secret] }, app: { app, secret } };
  };

  return {
    async login(token, way) {
      const network = networkOf(way.peer);
      const local = way.peer.unix || way.peer.local;
      return await parts.judge({ ...way, identity: '', mechanism: 'bearer' }, async () => {
        const found = await identified(token);
        if (found !== undefined) return found;
        const admission = await throttle.begin({ subject: `token ${network}`, network, local });
        await admission.end('wrong');
        return undefined;
      });
    },
  };
}
