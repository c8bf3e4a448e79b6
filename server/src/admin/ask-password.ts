import { maxPasswordOctets } from '../auth/password-text.js';
import { newPassword } from '../auth/people.js';
import type { Option, Values } from './command.js';
import { UsageError } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/** Passwords come from a prompt or standard input, never from an argument: arguments stand in `ps` and in histories. */
export const passwordOptions = {
  'password-stdin': { type: 'boolean', says: 'read the password from the first line of standard input' },
  'generate-password': { type: 'boolean', says: 'make one and print it, once' },
} as const satisfies Record<string, Option>;

export interface GivenPassword {
  readonly password: Uint8Array;
  /** To be shown to whoever runs the command. */
  readonly generated?: string;
}

export async function takePassword(terminal: Terminal, values: Values<typeof passwordOptions>): Promise<GivenPassword> {
  if (values['generate-password'] === true) {
    const generated = newPassword();
    return { password: Buffer.from(generated), generated };
  }
  if (values['password-stdin'] === true) return { password: await terminal.readLine(maxPasswordOctets + 2) };
  if (!terminal.interactive) {
    throw new UsageError('no terminal to ask for the password; give --password-stdin or --generate-password');
  }
  const first = await terminal.askSecret('Password: ');
  const second = await terminal.askSecret('Again: ');
  if (first !== second) throw new UsageError('the two passwords differ');
  return { password: Buffer.from(first) };
}
