/** The first administrator of an empty service, so that there is somebody who can log in and make the others. */
import { newPassword, type People } from '../auth/people.js';
import { MailError } from '../kernel/errors.js';

export interface FirstAdministrator {
  readonly address: string;
  readonly password: string;
}

/**
 * Makes `admin@domain`, who also gets the mail for `postmaster@domain` (RFC 5321 4.5.1), unless anybody is there already.
 * The password is kept nowhere: whoever loses it sets another with `user passwd`.
 */
export async function makeFirstAdministrator(people: People, domain: string): Promise<FirstAdministrator | undefined> {
  if ((await people.list()).length > 0) return undefined;
  const address = `admin@${domain}`;
  const password = newPassword();
  try {
    await people.add({
      address,
      aliases: [`postmaster@${domain}`],
      role: 'permanent',
      name: 'Administration',
      admin: true,
      password: Buffer.from(password),
    });
  } catch (error) {
    // Another machine on the same database was faster.
    if (error instanceof MailError && error.code === 'alreadyExists') return undefined;
    throw error;
  }
  return { address, password };
}

export function firstRunText({ address, password }: FirstAdministrator): string {
  return `\n  First administrator: ${address}\n  Password:            ${password}\n  It is shown this once. Another: npx --no-install vaguemestre user passwd ${address}\n\n`;
}
