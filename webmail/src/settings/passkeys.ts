/** A person's passkeys, as the service has them (`/api/auth/passkeys`). */
import { ask } from '../jmap/transport.js';
import { type MakingOptions, makePasskey } from '../sign-in/webauthn.js';
import { type Trouble, tell, troubleOf } from './programs.js';

export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly made: string;
  /** On other devices of its owner as well. */
  readonly copied: boolean;
  readonly used?: { readonly at: string; readonly address: string };
}

export interface PasskeyState {
  /** At the address that the page has. */
  readonly possible: boolean;
  readonly passkeys: readonly Passkey[];
  readonly recoveryLeft?: number;
}

export async function readPasskeys(): Promise<PasskeyState> {
  return (await (await ask('/api/auth/passkeys')).json()) as PasskeyState;
}

/** Recovery codes come with the first factor, and are told this once. */
export async function addPasskey(
  name: string,
  current: string,
): Promise<{ readonly recovery?: readonly string[] } | Trouble> {
  let options: MakingOptions;
  try {
    options = await tell<MakingOptions>('/api/auth/passkeys/start', { current });
  } catch (error) {
    return troubleOf(error, 'wrongPassword');
  }
  try {
    const response = await makePasskey(options);
    return await tell<{ recovery?: readonly string[] }>('/api/auth/passkeys', { name, response });
  } catch (error) {
    if (error instanceof DOMException) return error.name === 'InvalidStateError' ? 'knownPasskey' : 'noPasskey';
    return troubleOf(error, 'noPasskey');
  }
}

export async function removePasskey(id: string, current: string): Promise<'gone' | Trouble> {
  try {
    await tell('/api/auth/passkeys/remove', { id, current });
    return 'gone';
  } catch (error) {
    return troubleOf(error, 'wrongPassword');
  }
}
