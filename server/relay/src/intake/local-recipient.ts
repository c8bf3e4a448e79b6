/**
 * Who an address of the laboratory is: asked while the sender waits, so that nobody unknown is ever accepted and returned later.
 * Machines and further domains are folded to the domain itself (`bob@pc42.labo.example` is bob); mail to an exposed user of a
 * machine (`root@pc42...`) is for the postmaster, and the address it was written to is kept for the reader.
 */
import type { Directory } from '@vaguemestre/server/auth/authenticator';
import type { Recipient } from '../queue/message.js';

export interface LocalRecipients {
  /** undefined: nobody. MailError unavailable when the directory does not answer. */
  find(address: string): Promise<Pick<Recipient, 'address' | 'orcpt'> | undefined>;
}

export function createLocalRecipients(
  directory: Directory,
  domain: string,
  exposed: readonly string[],
): LocalRecipients {
  const exposedNames = new Set(exposed.map((name) => name.toLowerCase()));
  return {
    async find(address) {
      const at = address.lastIndexOf('@');
      const full = at < 0 ? `${address}@${domain}` : address;
      if ((await directory.resolve(full)) !== undefined) return { address: full };
      const local = at < 0 ? address : address.slice(0, at);
      if (at >= 0 && address.slice(at + 1).toLowerCase() === domain && !exposedNames.has(local.toLowerCase()))
        return undefined;
      const folded = `${exposedNames.has(local.toLowerCase()) ? 'postmaster' : local}@${domain}`;
      if ((await directory.resolve(folded)) === undefined) return undefined;
      return { address: folded, orcpt: `rfc822;${full}` };
    },
  };
}
