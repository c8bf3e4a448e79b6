import type { Accounts } from '../database/accounts.js';
import { parseAddress } from './address.js';
import type { Directory, DirectoryEntry } from './authenticator.js';
import type { PersonCache } from './person-cache.js';

/**
 * Where mail for an address goes. Somebody who may not log in (disabled, past the end date) still gets mail: refusing it
 * would tell strangers about the person, and mail that bounced cannot be given back. Somebody who is being removed does not.
 */
export function createDirectory(people: PersonCache, accounts: Accounts, domain: string): Directory {
  const postmaster = parseAddress('postmaster', domain)?.address;
  return {
    async resolve(text): Promise<DirectoryEntry | undefined> {
      const parsed = parseAddress(text, domain);
      if (parsed === undefined) return undefined;
      let person = (await people.find(parsed.address))?.person;
      // RFC 5321 4.5.1: mail to postmaster must be taken, with or without a domain.
      if (person === undefined && parsed.address === postmaster) person = await accounts.firstAdministrator();
      if (person === undefined || person.removing !== undefined) return undefined;
      return { account: person._id, address: person.address, detail: parsed.detail, quotaBytes: person.quota };
    },
  };
}
