/**
 * The code of a telephone as a second factor for web sessions (TOTP, RFC 6238: SHA-1, six digits, 30 s, which every app knows). It
 * counts from when its owner has proved one code. Each code is good once, one step early or late; guessing is slowed as guessing
 * of passwords is, by account and network. Ten recovery codes, each good once, for the day the telephone is lost.
 *
 * Throws MailError throttled, unavailable; `cannot` when there is nothing to prove or switch off.
 */
import { Secret, TOTP } from 'otpauth';
import type { Accounts } from '../database/accounts.js';
import type { RecoveryCodes } from '../database/recovery-codes.js';
import type { TotpSecrets } from '../database/totp-secrets.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import type { Peer } from '../net/connection.js';
import { bareCode, newRecoveryCodes, recoveryDigest } from './recovery-codes.js';
import type { Throttle } from './throttle.js';
import { networkOf } from './zones.js';

export interface Enrolment {
  /** Base 32, for typing. */
  readonly secret: string;
  /** `otpauth://totp/...`, for a QR code. */
  readonly uri: string;
}

export interface SecondFactor {
  /** A new secret to show; nothing asks for it before `confirm`. */
  start(account: AccountId): Promise<Enrolment>;
  /** What `start` made and nobody proved yet. */
  pending(account: AccountId): Promise<Enrolment | undefined>;
  /** Recovery codes, told this once. undefined: the code is wrong. */
  confirm(account: AccountId, code: string): Promise<readonly string[] | undefined>;
  /** A code of the telephone or a recovery code. */
  check(account: AccountId, code: string, peer: Peer): Promise<boolean>;
  /** The code of a telephone is asked for. */
  isOn(account: AccountId): Promise<boolean>;
  /** How many recovery codes are left; undefined: no second factor. */
  recoveryLeft(account: AccountId): Promise<number | undefined>;
  remove(account: AccountId): Promise<void>;
}

const period = 30;
const secretOctets = 20;
/** Steps before and after now: clocks of telephones, and somebody who types slowly. */
const window = 1;

export interface SecondFactorParts {
  readonly accounts: Pick<Accounts, 'get' | 'change'>;
  readonly secrets: TotpSecrets;
  /** Of those who have passkeys only. */
  readonly recovery: RecoveryCodes;
  readonly throttle: Pick<Throttle, 'begin'>;
  /** The laboratory's domain: how the app names the entry. */
  readonly domain: string;
  readonly clock: Clock;
  readonly forgetPeople: () => void;
}

export function createSecondFactor(parts: SecondFactorParts): SecondFactor {
  const { accounts, secrets, recovery, clock } = parts;

  const enrolment = async (account: AccountId, secret: string): Promise<Enrolment> => {
    const label = (await accounts.get(account))?.address ?? account;
    return { secret, uri: totp(secret, { label, issuer: parts.domain }).toString() };
  };

  /** The time step of a right code. */
  const stepOf = (secret: string, code: string): number | undefined => {
    const timestamp = clock.nowMs();
    const delta = totp(secret).validate({ token: code, timestamp, window });
    return delta === null ? undefined : Math.floor(timestamp / 1000 / period) + delta;
  };

  const isRight = async (account: AccountId, code: string): Promise<boolean> => {
    if (/^\d{6}$/.test(code)) {
      const held = await secrets.of(account);
      const step = held?.confirmed === undefined ? undefined : stepOf(held.secret, code);
      return step !== undefined && (await secrets.use(account, step));
    }
    const digest = recoveryDigest(code);
    if (digest === undefined) return false;
    return (await secrets.useRecovery(account, digest)) || (await recovery.use(account, digest));
  };

  return {
    async start(account) {
      if ((await secrets.of(account))?.confirmed !== undefined) {
        throw new MailError('cannot', 'A second factor is in use already; switch it off first.');
      }
      const secret = new Secret({ size: secretOctets }).base32;
      await secrets.start(account, secret);
      return await enrolment(account, secret);
    },
    async pending(account) {
      const held = await secrets.of(account);
      return held === undefined || held.confirmed !== undefined ? undefined : await enrolment(account, held.secret);
    },
    async confirm(account, code) {
      const held = await secrets.of(account);
      if (held === undefined || held.confirmed !== undefined) {
        throw new MailError('cannot', 'There is no second factor that waits to be proved.');
      }
      const step = stepOf(held.secret, bareCode(code));
      if (step === undefined) return undefined;
      const codes = newRecoveryCodes();
      const now = new Date(clock.nowMs());
      const proved = { secret: held.secret, confirmed: now, last: step, recovery: codes.digests };
      if (!(await secrets.confirm(account, proved))) {
        throw new MailError('cannot', 'The second factor was changed elsewhere meanwhile.');
      }
      await accounts.change(account, { totp: now });
      await recovery.remove(account);
      parts.forgetPeople();
      return codes.shown;
    },
    async check(account, code, peer) {
      const attempt = { subject: `${account} code`, network: networkOf(peer), local: peer.unix || peer.local };
      const admission = await parts.throttle.begin(attempt);
      try {
        const right = await isRight(account, bareCode(code));
        await admission.end(right ? 'right' : 'wrong');
        return right;
      } finally {
        await admission.end('abandoned');
      }
    },
    async isOn(account) {
      return (await secrets.of(account))?.confirmed !== undefined;
    },
    async recoveryLeft(account) {
      const held = await secrets.of(account);
      return held?.confirmed === undefined ? (await recovery.of(account))?.length : held.recovery.length;
    },
    async remove(account) {
      const [person, held] = await Promise.all([accounts.get(account), secrets.of(account)]);
      // What is left of them goes on standing in for the passkeys.
      if (person?.passkeys !== undefined && held !== undefined) await recovery.put(account, held.recovery);
      await accounts.change(account, { totp: undefined });
      await secrets.remove(account);
      parts.forgetPeople();
    },
  };
}

const totp = (secret: string, names: { readonly label?: string; readonly issuer?: string } = {}): TOTP =>
  new TOTP({ ...names, secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period });
