/**
 * What every way of proving who one is ends with: somebody who proved nothing is told one text whatever was wrong; somebody who
 * did is judged at the door, and told why not. Each login leaves one line in the log (`audit: login`), never with a password in it.
 */
import type { AppPassword } from '../database/accounts.js';
import { type AppSecretDocument, appIdOf, type Credentials } from '../database/credentials.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { Peer } from '../net/connection.js';
import type { PolicySettings } from './access-policy.js';
import { parseAddress } from './address.js';
import type { PasswordLogin, Principal } from './authenticator.js';
import { judgeKey, judgeVisitor, refused, transportOf } from './judge-visitor.js';
import type { Known } from './person-cache.js';
import { principalOf } from './principal.js';
import type { Attempt } from './throttle.js';
import { type createZones, networkOf } from './zones.js';

/** Who it is, and by which app password they came; undefined: by their own. */
export interface Identified {
  readonly known: Known;
  readonly app?: { readonly app: AppPassword; readonly secret: AppSecretDocument };
}

/** A login without what proves it. */
export interface LoginWay extends Omit<PasswordLogin, 'password'> {
  /** Undefined: by the password itself. */
  readonly mechanism?: string;
}

/** `identify` gives undefined for whoever proved nothing. Throws as `Authenticator.login` does. */
export type JudgeLogin = (way: LoginWay, identify: () => Promise<Identified | undefined>) => Promise<Principal>;

export interface JudgeLoginParts {
  readonly credentials: Pick<Credentials, 'noteApp'>;
  readonly zoneOf: ReturnType<typeof createZones>;
  readonly settings: PolicySettings;
  readonly domain: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The last use of an app password is written down so often. */
const noteUseEveryMs = 15 * 60_000;

export function createLoginJudge(parts: JudgeLoginParts): JudgeLogin {
  const { credentials, clock, log } = parts;

  const noteUse = async ({ a, ...secret }: AppSecretDocument, { protocol, peer }: LoginWay): Promise<void> => {
    const now = clock.nowMs();
    if (now - (secret.used?.at.getTime() ?? 0) < noteUseEveryMs) return;
    try {
      await credentials.noteApp(a, appIdOf({ a, ...secret }), { at: new Date(now), protocol, address: peer.address });
    } catch (error) {
      log.warn({ err: error }, 'the use of an app password cannot be written down');
    }
  };

  return async (login, identify) => {
    const started = clock.monotonicMs();
    const zone = parts.zoneOf(login.peer);
    let person: Known['person'] | undefined;
    let app: AppPassword | undefined;
    const audit = (result: string): void => {
      const line = {
        audit: 'login',
        result,
        protocol: login.protocol,
        address: person?.address ?? login.identity.slice(0, 320),
        account: person?._id,
        app: app?.id,
        mechanism: login.mechanism,
        peer: login.peer.address,
        zone,
        secure: login.secure,
        ...(login.legacy === true && { legacy: true }),
        ms: Math.round((clock.monotonicMs() - started) * 10) / 10,
      };
      if (result === 'ok') log.info(line, 'login');
      else log.warn(line, 'login refused');
    };
    try {
      const identified = await identify();
      if (identified === undefined || identified.known.person.removing !== undefined) throw wrongCredentials();
      person = identified.known.person;
      app = identified.app?.app;
      const door = { protocol: login.protocol, zone, transport: transportOf(login) };
      const judged = judgeVisitor(person, door, parts.settings, clock.nowMs());
      if (judged !== undefined) throw judged;
      if (app !== undefined && !(app.protocols.includes(login.protocol) && app.zones.includes(zone))) {
        throw refused('appElsewhere', person);
      }
      const keyless = login.by === 'page' ? undefined : judgeKey(person, app?.id);
      if (keyless !== undefined) throw keyless;
      // RFC 4616 2: acting for somebody else needs a right that nobody has yet.
      if (login.authorize !== undefined && login.authorize !== '') {
        const other = parseAddress(login.authorize, parts.domain)?.address;
        if (other === undefined || !person.addresses.includes(other)) {
          throw new MailError('authorizationFailed', 'You may log in as yourself only.');
        }
      }
      if (identified.app !== undefined) await noteUse(identified.app.secret, login);
      audit('ok');
      return principalOf(person, app?.id);
    } catch (error) {
      const refusal = error instanceof MailError ? (error.details?.['refusal'] ?? error.code) : 'internal';
      audit(String(refusal));
      throw error;
    }
  };
}

export const wrongCredentials = (): MailError =>
  new MailError('authenticationFailed', 'The address or the password is wrong.');

/** As the throttle counts it. */
export function attemptOf(known: Known | undefined, address: string, peer: Peer): Attempt {
  return { subject: known?.person._id ?? address, network: networkOf(peer), local: peer.unix || peer.local };
}
