import { randomBytes, randomInt } from 'node:crypto';
import { type Lang, maxTakenMailDays, type Protocol, type Role, type TakenMail } from '@vaguemestre/shared/people';
import type { PersonChange, PersonDocument } from '../database/accounts.js';
import type { PeopleDatabase } from '../database/people-database.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import { type AccountId, newAccountId } from '../kernel/ids.js';
import { parseAddress } from './address.js';
import { readImportedHash } from './imported-hashes/hash-formats.js';
import type { PasswordHasher } from './password-hash.js';
import { minPasswordCharacters, preparePassword } from './password-text.js';

/**
 * The life of a person: added, changed, disabled, removed. What the command line and the console both call. A person is
 * visible only when complete: mailboxes first, then the password, the person last; removed in the opposite order, so that a
 * crash leaves either somebody who can be used or somebody whose removal is finished by calling `remove` again.
 *
 * Throws MailError `invalid` (the text says what is wrong with which field), `alreadyExists`, `nonexistent`, `unavailable`.
 */
/** A person as the service keeps one. */
export type Person = PersonDocument;

export interface NewPerson {
  readonly address: string;
  readonly aliases?: readonly string[];
  readonly role: Role;
  /** Undefined: cannot log in until `setPassword`. */
  readonly password?: Uint8Array;
  /** In place of a password: its hash from another system, renewed at the first login. */
  readonly passwordHash?: string;
  readonly name?: string;
  readonly lang?: Lang;
  readonly admin?: boolean;
  readonly eudora?: boolean;
  readonly quota?: number;
  /** Address of somebody who is here. Required for interns. */
  readonly sponsor?: string;
  /** Required for interns. */
  readonly expires?: Date;
  readonly allow?: readonly Protocol[];
  readonly deny?: readonly Protocol[];
  readonly takenMail?: TakenMail;
  /** Told by the automatic answer after the end date: an address of anywhere. */
  readonly movedTo?: string;
}

/** Given: set. A removable field given as undefined: removed. */
export type PersonUpdate = {
  readonly [K in 'aliases' | 'role' | 'name' | 'lang' | 'admin' | 'eudora' | 'allow' | 'deny']?: Exclude<
    NewPerson[K],
    undefined
  >;
} & {
  readonly [K in 'quota' | 'sponsor' | 'expires' | 'takenMail' | 'movedTo']?: NewPerson[K] | undefined;
} & { readonly disabled?: boolean };

/** What the mailbox side has to do for a person: the mailstore, named by what is needed of it. */
export interface PersonMailboxes {
  createAccount(account: AccountId, options: { readonly lang: Lang }): Promise<void>;
  removeAccount(account: AccountId): Promise<void>;
}

export interface People {
  add(person: NewPerson): Promise<PersonDocument>;
  /** By main address or alias. MailError nonexistent. */
  find(address: string): Promise<PersonDocument>;
  get(id: AccountId): Promise<PersonDocument | undefined>;
  list(): Promise<PersonDocument[]>;
  update(address: string, update: PersonUpdate): Promise<PersonDocument>;
  setPassword(address: string, password: Uint8Array): Promise<void>;
  /** The hash of the password they have on another system: MailError invalid when it cannot be checked here. */
  setPasswordHash(address: string, hash: string): Promise<void>;
  hasPassword(id: AccountId): Promise<boolean>;
  /** Code app, passkeys and recovery codes: for somebody who has lost them all. */
  removeSecondFactor(address: string): Promise<void>;
  remove(address: string): Promise<void>;
  /** As `remove`, of somebody whose account ended. False, and nothing happens, when the end date is not this one any more. */
  removeEnded(account: AccountId, expires: Date): Promise<boolean>;
  /** Throws what `add` would throw for the fields themselves, without looking at who is there. */
  validate(person: NewPerson): void;
}

export interface PeopleParts {
  readonly database: PeopleDatabase;
  readonly mailboxes: PersonMailboxes;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  readonly domain: string;
  readonly clock: Clock;
  /** Resolves when somebody who was shut out just now is out in every process: nothing is then written for them any more. */
  letGo?(): Promise<void>;
}

export function createPeople(parts: PeopleParts): People {
  const { mailboxes, domain, clock } = parts;
  const { accounts, credentials, sessions, totp, passkeys, recovery } = parts.database;

  const normalised = (text: string): string => {
    const parsed = parseAddress(text, domain);
    if (parsed === undefined) throw invalid(`"${printable(text)}" is not a mail address`);
    if (parsed.detail !== undefined) throw invalid(`"${printable(text)}": a person's address has no "+"`);
    return parsed.address;
  };

  /** An address of anywhere, as its owner writes it. */
  const elsewhere = (text: string): string => {
    if (parseAddress(text, domain) === undefined) throw invalid(`"${printable(text)}" is not a mail address`);
    return text.trim();
  };

  const find = async (text: string): Promise<PersonDocument> => {
    const person = await accounts.findByAddress(normalised(text));
    if (person === undefined) throw new MailError('nonexistent', `Nobody has the address ${normalised(text)}`);
    return person;
  };

  const storePassword = async (account: AccountId, password: Uint8Array): Promise<void> =>
    storeHash(account, await parts.hasher.hash(acceptablePassword(password)));

  const storeHash = async (account: AccountId, hash: string): Promise<void> => {
    const version = randomBytes(9).toString('base64url');
    await credentials.setPassword(account, { hash, version, changed: new Date(clock.nowMs()) });
  };

  /** Of somebody who is shut out. */
  const remove = async ({ _id }: PersonDocument): Promise<void> => {
    await credentials.remove(_id);
    await parts.letGo?.();
    await sessions.removeOthers(_id, undefined);
    await mailboxes.removeAccount(_id);
    await accounts.delete(_id);
  };

  const validate = (person: NewPerson): void => {
    normalised(person.address);
    for (const alias of person.aliases ?? []) normalised(alias);
    if (person.password !== undefined) acceptablePassword(person.password);
    if (person.passwordHash !== undefined) acceptableHash(person.passwordHash);
    if (person.password !== undefined && person.passwordHash !== undefined) {
      throw invalid('a person has a password or the hash of one, not both');
    }
    if (person.movedTo !== undefined) elsewhere(person.movedTo);
    checkRole(person);
  };

  return {
    find,
    validate,
    get: (id) => accounts.get(id),
    list: () => accounts.list(),
    async hasPassword(id) {
      return (await credentials.password(id)) !== undefined;
    },
    async add(person) {
      validate(person);
      const address = normalised(person.address);
      const addresses = [...new Set([address, ...(person.aliases ?? []).map(normalised)])];
      for (const one of addresses) {
        if ((await accounts.findByAddress(one)) === undefined) continue;
        throw new MailError('alreadyExists', `Somebody already has the address ${one}`);
      }
      const sponsor = person.sponsor === undefined ? undefined : (await find(person.sponsor))._id;
      const id = newAccountId();
      const lang = person.lang ?? 'fr';
      await mailboxes.createAccount(id, { lang });
      if (person.password !== undefined) await storePassword(id, person.password);
      if (person.passwordHash !== undefined) await storeHash(id, acceptableHash(person.passwordHash));
      const document: PersonDocument = {
        _id: id,
        address,
        addresses,
        name: person.name ?? '',
        role: person.role,
        lang,
        admin: person.admin ?? false,
        eudora: person.eudora ?? false,
        ...(person.quota !== undefined && { quota: person.quota }),
        ...(sponsor !== undefined && { sponsor }),
        ...(person.expires !== undefined && { expires: person.expires }),
        allow: [...(person.allow ?? [])],
        deny: [...(person.deny ?? [])],
        ...(person.takenMail !== undefined && { takenMail: person.takenMail }),
        ...(person.movedTo !== undefined && { movedTo: elsewhere(person.movedTo) }),
        disabled: false,
        created: new Date(clock.nowMs()),
      };
      try {
        await accounts.insert(document);
      } catch (error) {
        // Somebody took the address meanwhile: what was prepared goes again. Of an unknown outcome nothing is removed.
        if (error instanceof MailError && error.code === 'alreadyExists') {
          await credentials.remove(id);
          await mailboxes.removeAccount(id);
        }
        throw error;
      }
      return document;
    },
    async update(text, update) {
      const person = await find(text);
      const { aliases, sponsor, movedTo, ...rest } = update;
      const change: PersonChange = { ...rest };
      if (aliases !== undefined) change.addresses = [...new Set([person.address, ...aliases.map(normalised)])];
      if ('sponsor' in update) change.sponsor = sponsor === undefined ? undefined : (await find(sponsor))._id;
      if ('movedTo' in update) change.movedTo = movedTo === undefined ? undefined : elsewhere(movedTo);
      const after = { ...person, ...change };
      checkRole(after);
      if (!(await accounts.change(person._id, change))) {
        throw new MailError('nonexistent', `Nobody has the address ${person.address}`);
      }
      return (await accounts.get(person._id)) ?? person;
    },
    async setPassword(text, password) {
      const person = await find(text);
      await storePassword(person._id, password);
    },
    async setPasswordHash(text, hash) {
      const acceptable = acceptableHash(hash);
      await storeHash((await find(text))._id, acceptable);
    },
    async removeSecondFactor(text) {
      const { _id } = await find(text);
      await accounts.change(_id, { totp: undefined, passkeys: undefined });
      await Promise.all([totp.remove(_id), passkeys.removeAll(_id), recovery.remove(_id)]);
    },
    async removeEnded(account, expires) {
      if (!(await accounts.beginRemoval(account, expires, new Date(clock.nowMs())))) return false;
      const person = await accounts.get(account);
      if (person !== undefined) await remove(person);
      return true;
    },
    async remove(text) {
      const person = await find(text);
      await accounts.change(person._id, { disabled: true, removing: person.removing ?? new Date(clock.nowMs()) });
      await remove(person);
    },
  };
}

const invalid = (text: string): MailError => new MailError('invalid', text);

/** Design, "Who may do what": an intern's stay ends, and somebody answers for it. */
function checkRole(person: {
  readonly role: Role;
  readonly sponsor?: string | undefined;
  readonly expires?: Date | undefined;
  readonly quota?: number | undefined;
  readonly takenMail?: TakenMail | undefined;
}): void {
  if (person.role === 'intern' && person.expires === undefined) throw invalid('an intern needs an end date');
  if (person.role === 'intern' && person.sponsor === undefined) throw invalid('an intern needs a sponsor');
  if (person.expires !== undefined && Number.isNaN(person.expires.getTime())) throw invalid('the end date is no date');
  if (person.quota !== undefined && !(Number.isSafeInteger(person.quota) && person.quota >= 0)) {
    throw invalid('the quota is no number of octets');
  }
  const days = typeof person.takenMail === 'number' ? person.takenMail : 1;
  if (!(Number.isSafeInteger(days) && days >= 1 && days <= maxTakenMailDays)) {
    throw invalid(`mail that was taken goes after 1 to ${maxTakenMailDays} days`);
  }
}

function acceptablePassword(password: Uint8Array): Uint8Array {
  const prepared = preparePassword(password);
  if (prepared === undefined || [...Buffer.from(prepared).toString('utf8')].length < minPasswordCharacters) {
    throw invalid(`a password has at least ${minPasswordCharacters} characters and at most 1,024 octets`);
  }
  return prepared;
}

/** As it is stored. */
function acceptableHash(text: string): string {
  const hash = readImportedHash(text);
  if (hash.kind === 'refused') throw invalid(hash.why);
  return hash.kind === 'argon2' ? hash.text : text.trim();
}

/** What is quoted back in an error: short, and without what could move a terminal's cursor. */
const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e\u00a0-\uffff]/gu, '?').slice(0, 100);

/** 20 characters that are hard to confuse, about 98 bits: for the first administrator and for people without one yet. */
export function newPassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
  let password = '';
  for (let i = 0; i < 20; i++) {
    if (i > 0 && i % 5 === 0) password += '-';
    password += alphabet[randomInt(alphabet.length)];
  }
  return password;
}
