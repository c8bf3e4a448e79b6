import type { TakenMail } from '@vaguemestre/shared/people';
import type { PersonDocument } from '../database/accounts.js';
import type { Principal } from './authenticator.js';

/** Who somebody is to the protocols. */
export function principalOf(person: PersonDocument, app?: string): Principal {
  return {
    account: person._id,
    address: person.address,
    name: person.name,
    role: person.role,
    lang: person.lang,
    admin: person.admin,
    quotaBytes: person.quota,
    eudora: person.eudora,
    takenMail: takenMailOf(person),
    ...(hasSecondFactor(person) && { secondFactor: true }),
    ...(app === undefined ? {} : { app }),
  };
}

/** Signing in to the web takes more than the password, and programs need passwords of their own. */
export const hasSecondFactor = ({ totp, passkeys }: Pick<PersonDocument, 'totp' | 'passkeys'>): boolean =>
  totp !== undefined || passkeys !== undefined;

/** Interns read what they took in the webmail until their stay ends; who asks others for their mail wants it gone. */
export function takenMailOf(person: Pick<PersonDocument, 'role' | 'takenMail'>): TakenMail {
  return person.takenMail ?? (person.role === 'intern' ? 'keep' : 'remove');
}
