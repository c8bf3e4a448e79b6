/**
 * The code of a telephone as a second factor for web sessions (TOTP, RFC 6238: SHA-1, six digits, 30 s, which every app knows). It
 * counts from when its owner has proved one code. Each code is good once, one step early or late; guessing is slowed as guessing
 * of passwords is, by account and network. Ten recovery codes, each good once, for the day the telephone is lost.
 *
 * Throws MailError throttled, unavailable; `cannot` when there is nothing to prove or switch off.
 */
import { createHash, randomInt } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Accounts } from '../database/accounts.js';
import type { TotpSecrets } from '../database/totp-secrets.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import type { Peer } from '../net/connection.js';
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
  /** How many recovery codes are left; undefined: no second factor. */
  recoveryLeft(account: AccountId): Promise<number | undefined>;
  remove(account: AccountId): Promise<void>;
}

const period = 30;
const secretOctets = 20;
/** Steps before and after now: clocks of telephones, and somebody who types slowly. */
const window = 1;
const recoveryCodes = 10;
const recoveryForm = /^[a-z2-9]{10}$/;

export interface SecondFactorParts {
  readonly accounts: Pick<Accounts, 'get' | 'change'>;
  readonly secrets: TotpSecrets;
  readonly throttle: Pick<Throttle, 'begin'>;
  /** The laboratory's domain: how the app names the entry. */
  readonly domain: string;
  readonly clock: Clock;
  readonly forgetPeople: () => void;
}

export function createSecondFactor(parts: SecondFactorParts): SecondFactor {
  const { accounts, secrets, clock } = parts;

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
    const held = await secrets.of(account);
    if (held?.confirmed === undefined) return false;
    if (/^\d{6}$/.test(code)) {
      const step = stepOf(held.secret, code);
      return step !== undefined && (await secrets.use(account, step));
    }
    return recoveryForm.test(code) && (await secrets.useRecovery(account, digestOf(code)));
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
      const step = stepOf(held.secret, bare(code));
      if (step === undefined) return undefined;
      const codes = Array.from({ length: recoveryCodes }, newRecoveryCode);
      const now = new Date(clock.nowMs());
      const proved = { secret: held.secret, confirmed: now, last: step, recovery: codes.map(digestOf) };
      if (!(await secrets.confirm(account, proved))) {
        throw new MailError('cannot', 'The second factor was changed elsewhere meanwhile.');
      }
      await accounts.change(account, { totp: now });
      parts.forgetPeople();
      return codes.map((one) => `${one.slice(0, 5)}-${one.slice(5)}`);
    },
    async check(account, code, peer) {
      const attempt = { subject: `${account} code`, network: networkOf(peer), local: peer.unix || peer.local };
      const admission = await parts.throttle.begin(attempt);
      try {
        const right = await isRight(account, bare(code));
        await admission.end(right ? 'right' : 'wrong');
        return right;
      } finally {
        await admission.end('abandoned');
      }
    },
    async recoveryLeft(account) {
      const held = await secrets.of(account);
      return held?.confirmed === undefined ? undefined : held.recovery.length;
    },
    async remove(account) {
      await accounts.change(account, { totp: undefined });
      await secrets.remove(account);
      parts.forgetPeople();
    },
  };
}

const totp = (secret: string, names: { readonly label?: string; readonly issuer?: string } = {}): TOTP =>
  new TOTP({ ...names, secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period });

/** As apps show it in two groups, and people copy it. */
const bare = (code: string): string =>
  code
    .slice(0, 40)
    .replaceAll(/[- \u00a0]/g, '')
    .toLowerCase();

/** Without what is mistaken for something else; 48 bits, good once, behind the throttle. */
const recoveryAlphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

function newRecoveryCode(): string {
  let code = '';
  for (let i = 0; i < 10; i++) code += recoveryAlphabet[randomInt(recoveryAlphabet.length)];
  return code;
}

const digestOf = (code: string): string => createHash('sha256').update(code).digest('base64url');
