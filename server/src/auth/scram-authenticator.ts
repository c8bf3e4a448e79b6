/**
 * SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, 7677) with the app passwords of people: the password does not travel, and with
 * -PLUS nobody can stand between (tls-exporter of TLS 1.3, RFC 9266; older TLS can give no name that nobody else has, so it is not
 * bound). The own password of a person is kept as argon2id and cannot be proved in this way.
 *
 * The client says a name, and its programs may have several passwords: all have the salt of the person, and each is tried. Who
 * is not here, or has no such password, is told a salt too, goes through the same steps in the same time, and is told what a wrong
 * password is told. Failures count with the throttle as those of any password.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { prepareName } from '../codec/sasl/saslprep.js';
import {
  authMessage,
  formatServerFinal,
  formatServerFirst,
  parseClientFinal,
  parseClientFirst,
  type ScramClientFirst,
  type ScramMechanism,
} from '../codec/sasl/scram.js';
import type { AppPassword } from '../database/accounts.js';
import { type AppSecretDocument, appIdOf, type Credentials, type ScramKey } from '../database/credentials.js';
import { MailError } from '../kernel/errors.js';
import type { Connection } from '../net/connection.js';
import { parseAddress } from './address.js';
import { maxApps } from './app-passwords.js';
import type { Principal } from './authenticator.js';
import { attemptOf, type JudgeLogin, type LoginWay } from './judge-login.js';
import type { Known, PersonCache } from './person-cache.js';
import { provenKey, scramIterations, scramSalt, serverSignature } from './scram-keys.js';
import type { Throttle } from './throttle.js';

export interface ScramLogin extends Pick<LoginWay, 'protocol' | 'legacy'> {
  readonly mechanism: ScramMechanism;
  readonly connection: Pick<Connection, 'peer' | 'secure' | 'tlsExporter'>;
}

/** Sends a challenge and gives what the client answers; throws when it gave up. */
export type AskClient = (challenge: Uint8Array) => Promise<Uint8Array>;

export interface ScramAuthenticator {
  /** What can be offered on a connection, the best first. */
  mechanisms(connection: ScramLogin['connection']): readonly ScramMechanism[];
  /** Throws as `Authenticator.login` does, and MailError invalid for what is no message of SCRAM. */
  login(login: ScramLogin, ask: AskClient): Promise<Principal>;
}

export interface ScramAuthenticatorParts {
  readonly people: PersonCache;
  readonly credentials: Pick<Credentials, 'saltKey'>;
  readonly throttle: Throttle;
  readonly judge: JudgeLogin;
  readonly domain: string;
}

/** Each app password may be written with its dashes or without. */
const mostKeys = 2 * maxApps;
const nonceOctets = 18;

interface HeldKey extends ScramKey {
  readonly app: AppPassword;
  readonly secret: AppSecretDocument;
}

export function createScramAuthenticator(parts: ScramAuthenticatorParts): ScramAuthenticator {
  const { people, throttle } = parts;
  let saltKey: Promise<Buffer> | undefined;

  const saltOf = async (subject: string): Promise<Buffer> => {
    saltKey ??= parts.credentials.saltKey();
    try {
      return scramSalt(await saltKey, subject);
    } catch (error) {
      saltKey = undefined;
      throw error;
    }
  };

  /** The keys that one answer can prove, and what the client has to be told for it. */
  const offerFor = async (known: Known | undefined, address: string) => {
    const salt = (await saltOf(known?.person._id ?? address)).toString('base64url');
    const secrets = (known?.apps ?? []).filter(({ scram }) => scram !== undefined);
    const { scram = { salt, iterations: scramIterations } } = secrets.at(-1) ?? {};
    const keys = secrets.flatMap((secret): HeldKey[] => {
      const app = known?.person.apps?.find(({ id }) => id === appIdOf(secret));
      if (app === undefined || secret.scram?.salt !== scram.salt || secret.scram.iterations !== scram.iterations) {
        return [];
      }
      return secret.scram.keys.map((key) => ({ ...key, app, secret }));
    });
    return { salt: Buffer.from(scram.salt, 'base64url'), iterations: scram.iterations, keys };
  };

  return {
    mechanisms(connection) {
      if (!connection.secure && !connection.peer.local) return [];
      return connection.tlsExporter() === undefined ? ['SCRAM-SHA-256'] : ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'];
    },
    async login({ mechanism, connection, protocol, legacy }, ask) {
      const first = parseClientFirst(await ask(new Uint8Array()));
      if (first === undefined) throw malformed();
      const bound = boundTo(first, mechanism, connection.tlsExporter());
      const { peer, secure } = connection;
      const way: LoginWay = {
        identity: first.user,
        authorize: first.authorize,
        protocol,
        peer,
        secure,
        mechanism,
        ...(legacy === true && { legacy }),
      };
      let signature: Buffer | undefined;
      const principal = await parts.judge(way, async () => {
        // A name that is no address is nobody's: as such it goes through all that follows.
        const name = prepareName(first.user);
        const address = parseAddress(name, parts.domain)?.address ?? name;
        const known = await people.find(address);
        const attempt = attemptOf(known, address, peer);
        throttle.check(attempt);
        const { salt, iterations, keys } = await offerFor(known, address);
        const nonce = first.nonce + randomBytes(nonceOctets).toString('base64');
        const serverFirst = formatServerFirst({ nonce, salt, iterations });
        const final = parseClientFinal(await ask(Buffer.from(serverFirst)));
        if (final === undefined) throw malformed();
        const admission = await throttle.begin(attempt);
        try {
          const message = authMessage(first, serverFirst, final);
          const key = provenKey(keys, mostKeys, message, final.proof);
          // RFC 5802 5.1: the nonce and the channel are those that this exchange began with.
          const same = final.nonce === nonce && sameOctets(final.channel, bound);
          await admission.end(key !== undefined && same ? 'right' : 'wrong');
          if (known === undefined || key === undefined || !same) return undefined;
          signature = serverSignature(key, message);
          return { known, app: { app: key.app, secret: key.secret } };
        } finally {
          await admission.end('abandoned');
        }
      });
      if (signature === undefined) throw new Error('somebody was let in without a proof');
      // RFC 5802 5: the client answers nothing to it, or ends what it does not believe.
      const answer = await ask(Buffer.from(formatServerFinal(signature)));
      if (answer.length > 0) throw malformed();
      return principal;
    },
  };
}

/**
 * What `c=` has to hold. RFC 5802 6: a client that believes us to be unable to bind, where we offered it, was deceived on the way;
 * and what it binds by is what the mechanism that it chose says.
 */
function boundTo(
  { binding, gs2Header }: ScramClientFirst,
  mechanism: ScramMechanism,
  exporter: Buffer | undefined,
): Buffer {
  const header = Buffer.from(gs2Header);
  const binds = mechanism === 'SCRAM-SHA-256-PLUS';
  if (binds !== (binding.flag === 'p')) throw malformed();
  if (binding.flag === 'p') {
    if (binding.name !== 'tls-exporter' || exporter === undefined) {
      throw new MailError('invalid', 'This channel binding is not supported; tls-exporter is, over TLS 1.3.');
    }
    return Buffer.concat([header, exporter]);
  }
  if (binding.flag === 'y' && exporter !== undefined) {
    throw new MailError(
      'authenticationFailed',
      'SCRAM-SHA-256-PLUS is offered here, and somebody hid it from your program.',
    );
  }
  return header;
}

const sameOctets = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other);

const malformed = (): MailError => new MailError('invalid', 'The SCRAM message is malformed.');
