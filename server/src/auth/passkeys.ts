/**
 * Passkeys (WebAuthn level 3) for signing in to the web: alone, when the authenticator has verified its owner, or in place of a
 * code after the password. The library `@simplewebauthn/server` checks what they sign; here is which challenge and which key it
 * was signed for. Each challenge counts once; a counter that went back tells of a copied key and is refused (WebAuthn 7.2).
 *
 * Throws MailError `cannot` for a proof that is none, `limit`, `nonexistent`, throttled, unavailable, and what the access policy
 * says to whoever was proved.
 */
import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Accounts, PersonDocument } from '../database/accounts.js';
import { idOfPasskey, type PasskeyDocument, type Passkeys as StoredPasskeys } from '../database/passkeys.js';
import type { RecoveryCodes } from '../database/recovery-codes.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import type { Log } from '../kernel/log.js';
import type { Peer } from '../net/connection.js';
import type { Principal } from './authenticator.js';
import type { Challenges } from './challenges.js';
import type { JudgeLogin } from './judge-login.js';
import { newRecoveryCodes } from './recovery-codes.js';
import type { Throttle } from './throttle.js';
import { networkOf } from './zones.js';

/** Where the browser is, and under which name its passkeys are made. */
export interface PasskeySite {
  readonly rpId: string;
  readonly origin: string;
}

export interface ListedPasskey extends Pick<PasskeyDocument, 'name' | 'made' | 'used' | 'copied'> {
  readonly id: string;
}

export interface WebOrigin extends PasskeySite {
  readonly peer: Peer;
  readonly secure: boolean;
}

export interface Passkeys {
  list(account: AccountId): Promise<ListedPasskey[]>;
  startAdding(account: AccountId, site: PasskeySite): Promise<PublicKeyCredentialCreationOptionsJSON>;
  /** Recovery codes come with the first factor, told this once. */
  add(
    account: AccountId,
    site: PasskeySite,
    name: string,
    response: RegistrationResponseJSON,
  ): Promise<{ readonly passkey: ListedPasskey; readonly recovery?: readonly string[] }>;
  /** False if there is none such. */
  remove(account: AccountId, id: string): Promise<boolean>;
  /** Without an account: whoever the passkey belongs to. With one: in place of the code of that person. */
  startSignIn(site: PasskeySite, account?: AccountId): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** A passkey alone: who it belongs to. */
  signIn(from: WebOrigin, response: AuthenticationResponseJSON): Promise<Principal>;
  /** A passkey after the password. */
  check(account: AccountId, from: WebOrigin, response: AuthenticationResponseJSON): Promise<boolean>;
}

const maxPasskeys = 20;
const maxNameCharacters = 60;
const purposes = {
  alone: 'sign in',
  adding: (account: AccountId) => `add ${account}`,
  second: (account: AccountId) => `second ${account}`,
};

export interface PasskeysParts {
  readonly accounts: Pick<Accounts, 'get' | 'change'>;
  readonly passkeys: StoredPasskeys;
  readonly recovery: RecoveryCodes;
  readonly challenges: Challenges;
  readonly throttle: Pick<Throttle, 'begin'>;
  readonly judge: JudgeLogin;
  /** How authenticators name the service. */
  readonly domain: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly forgetPeople: () => void;
}

/** Loaded when the first passkey is used: it is two megabytes of formats. */
const library = () => import('@simplewebauthn/server');

export function createPasskeys(parts: PasskeysParts): Passkeys {
  const { accounts, passkeys, recovery, challenges, throttle, clock, log } = parts;

  const personOf = async (account: AccountId): Promise<PersonDocument> => {
    const person = await accounts.get(account);
    if (person === undefined) throw new MailError('nonexistent', 'There is no such person.');
    return person;
  };

  /** The passkey that signed; undefined: none of this person's did, or not this, or not now. */
  const proven = async (
    account: AccountId,
    from: WebOrigin,
    response: AuthenticationResponseJSON,
    purpose: string,
  ): Promise<PasskeyDocument | undefined> => {
    const passkey = await passkeys.find(account, response.id);
    if (passkey === undefined) return undefined;
    let challenge = '';
    try {
      const { verifyAuthenticationResponse } = await library();
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        expectedChallenge: (given) => {
          challenge = given;
          return challenges.holds(given, purpose);
        },
        expectedOrigin: from.origin,
        expectedRPID: from.rpId,
        // Alone it has to stand for something one has and something one knows or is; after the password the first is enough.
        requireUserVerification: purpose === purposes.alone,
        credential: {
          id: passkey.credential,
          publicKey: new Uint8Array(Buffer.from(passkey.key, 'base64url')),
          counter: passkey.counter,
          transports: passkey.transports as AuthenticatorTransport[],
        },
      });
      const { newCounter: counter, credentialBackedUp: copied, credentialDeviceType } = authenticationInfo;
      // WebAuthn 7.2: what may be copied and what may not is said when it is made, for good.
      if (!verified || (credentialDeviceType === 'multiDevice') !== passkey.copies) return undefined;
      if (!(await challenges.spend(challenge))) return undefined;
      const used = { at: new Date(clock.nowMs()), address: from.peer.address };
      return (await passkeys.use(passkey, { counter, copied, used })) ? passkey : undefined;
    } catch (error) {
      if (error instanceof MailError) throw error;
      // The library throws whatever is wrong with what the browser sent, a counter that went back included.
      log.warn(
        { audit: 'passkey', result: 'refused', account, peer: from.peer.address, why: reasonOf(error) },
        'passkey refused',
      );
      return undefined;
    }
  };

  /** Guessing is as slow as that of a password, though there is nothing to guess. */
  const throttled = async <T>(
    subject: string,
    peer: Peer,
    prove: () => Promise<T | undefined>,
  ): Promise<T | undefined> => {
    const attempt = { subject: `${subject} passkey`, network: networkOf(peer), local: peer.unix || peer.local };
    const admission = await throttle.begin(attempt);
    try {
      const result = await prove();
      await admission.end(result === undefined ? 'wrong' : 'right');
      return result;
    } finally {
      await admission.end('abandoned');
    }
  };

  return {
    async list(account) {
      return (await passkeys.ofAccount(account)).map(listed);
    },
    async startAdding(account, { rpId }) {
      const [person, held] = await Promise.all([personOf(account), passkeys.ofAccount(account)]);
      if (held.length >= maxPasskeys) {
        throw new MailError('limit', `A person has at most ${maxPasskeys} passkeys; remove one first.`);
      }
      const { generateRegistrationOptions } = await library();
      return await generateRegistrationOptions({
        rpName: `Vaguemestre ${parts.domain}`,
        rpID: rpId,
        userName: person.address,
        userDisplayName: person.name === '' ? person.address : person.name,
        // WebAuthn 5.4.3: says nothing about the person; comes back with every proof.
        userID: new Uint8Array(Buffer.from(account)),
        challenge: new Uint8Array(Buffer.from(await challenges.make(purposes.adding(account)), 'base64url')),
        attestationType: 'none',
        excludeCredentials: held.map(described),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      });
    },
    async add(account, { rpId, origin }, given, response) {
      const name = given.trim().replaceAll(/\p{C}/gu, '');
      if (name === '' || [...name].length > maxNameCharacters) {
        throw new MailError('invalid', `Name the passkey, in at most ${maxNameCharacters} characters.`);
      }
      const made = await registered(account, { rpId, origin }, response);
      const person = await personOf(account);
      const passkey = { ...made, name, made: new Date(clock.nowMs()) };
      const first = person.passkeys === undefined && person.totp === undefined;
      const codes = first ? newRecoveryCodes() : undefined;
      // Before the passkey is asked for: whoever loses it at once has them.
      if (codes !== undefined) await recovery.put(account, codes.digests);
      if (!(await passkeys.add(account, passkey)))
        throw new MailError('alreadyExists', 'This passkey is known already.');
      await accounts.change(account, { passkeys: person.passkeys ?? passkey.made });
      parts.forgetPeople();
      const stored = await passkeys.find(account, passkey.credential);
      if (stored === undefined) throw new MailError('unavailable', 'The passkey was removed meanwhile.');
      return { passkey: listed(stored), ...(codes !== undefined && { recovery: codes.shown }) };
    },
    async remove(account, id) {
      const removed = await passkeys.remove(account, id);
      if ((await passkeys.ofAccount(account)).length === 0) {
        await accounts.change(account, { passkeys: undefined });
        await recovery.remove(account);
      }
      parts.forgetPeople();
      return removed;
    },
    async startSignIn({ rpId }, account) {
      const { generateAuthenticationOptions } = await library();
      const purpose = account === undefined ? purposes.alone : purposes.second(account);
      const allowed =
        account === undefined ? {} : { allowCredentials: (await passkeys.ofAccount(account)).map(described) };
      return await generateAuthenticationOptions({
        rpID: rpId,
        challenge: new Uint8Array(Buffer.from(await challenges.make(purpose), 'base64url')),
        userVerification: account === undefined ? 'required' : 'preferred',
        ...allowed,
      });
    },
    async signIn(from, response) {
      const account = Buffer.from(response.response.userHandle ?? '', 'base64url').toString('latin1') as AccountId;
      const { peer, secure } = from;
      const way = { identity: '', protocol: 'webmail', peer, secure, by: 'page', mechanism: 'passkey' } as const;
      return await parts.judge(way, async () => {
        const passkey = await throttled(account.slice(0, 100), peer, () =>
          proven(account, from, response, purposes.alone),
        );
        return passkey && { known: { person: await personOf(passkey.a), password: undefined, apps: [] } };
      });
    },
    async check(account, from, response) {
      const purpose = purposes.second(account);
      return (await throttled(account, from.peer, () => proven(account, from, response, purpose))) !== undefined;
    },
  };

  async function registered(account: AccountId, { rpId, origin }: PasskeySite, response: RegistrationResponseJSON) {
    let challenge = '';
    try {
      const { verifyRegistrationResponse } = await library();
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response,
        expectedChallenge: (given) => {
          challenge = given;
          return challenges.holds(given, purposes.adding(account));
        },
        expectedOrigin: origin,
        expectedRPID: rpId,
        requireUserVerification: true,
      });
      if (!verified || !(await challenges.spend(challenge))) throw refused();
      const { credential, credentialDeviceType, credentialBackedUp } = registrationInfo;
      return {
        credential: credential.id,
        key: Buffer.from(credential.publicKey).toString('base64url'),
        counter: credential.counter,
        transports: (credential.transports ?? []).slice(0, 8).map((one) => String(one).slice(0, 20)),
        copies: credentialDeviceType === 'multiDevice',
        copied: credentialBackedUp,
      };
    } catch (error) {
      if (error instanceof MailError) throw error;
      log.warn({ audit: 'passkey', result: 'refused', account, why: reasonOf(error) }, 'new passkey refused');
      throw refused();
    }
  }
}

const listed = (passkey: PasskeyDocument): ListedPasskey => {
  const { name, made, copied, used } = passkey;
  return { id: idOfPasskey(passkey), name, made, copied, ...(used !== undefined && { used }) };
};

const described = ({ credential, transports }: PasskeyDocument) => ({
  id: credential,
  transports: transports as AuthenticatorTransport[],
});

const refused = (): MailError => new MailError('cannot', 'The passkey could not be checked. Try again.');

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 200);
