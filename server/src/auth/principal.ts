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
    ...(app === undefined ? {} : { app }),
  };
}
