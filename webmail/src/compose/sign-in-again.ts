/**
 * Signs the same person in again without leaving the page, so that what is being written stays. An own computer stays one. `code`:
 * the password was right, and the code of the second factor is asked for; `passkey`: or a passkey.
 */

import { isFailure } from '../jmap/failure.js';
import { ask } from '../jmap/transport.js';
import type { SigningOptions } from '../sign-in/webauthn.js';

export type SignInAnswer = 'in' | 'code' | 'passkey' | 'wrong' | 'away';

interface Answer {
  readonly step?: 'code';
  readonly passkeys?: boolean;
}

export async function signInAgain(address: string, password: string, own: boolean): Promise<SignInAnswer> {
  const body = new URLSearchParams({ username: address, password, ...(own ? { own: '1' } : {}) });
  return await send('/login', body);
}

export const bringCode = (code: string): Promise<SignInAnswer> => send('/login/code', new URLSearchParams({ code }));

/** After the password. `wrong`: none was shown, or another one. */
export async function bringPasskey(): Promise<SignInAnswer> {
  const { signWithPasskey } = await import('../sign-in/webauthn.js');
  try {
    const options = (await (
      await ask('/login/passkey/start', { method: 'POST', ...json({}) })
    ).json()) as SigningOptions;
    const response = await signWithPasskey(options);
    await ask('/login/passkey', { method: 'POST', ...json({ own: false, to: '', response }) });
    return 'in';
  } catch (error) {
    return isFailure(error) && error.kind !== 'signedOut' ? 'away' : 'wrong';
  }
}

const json = (body: object) => ({ type: 'application/json', body: JSON.stringify(body) });

async function send(path: string, body: URLSearchParams): Promise<SignInAnswer> {
  try {
    const answer = (await (await ask(path, { method: 'POST', body })).json()) as Answer;
    if (answer.step === undefined) return 'in';
    return answer.passkeys === true ? 'passkey' : 'code';
  } catch (error) {
    return isFailure(error) && error.kind === 'signedOut' ? 'wrong' : 'away';
  }
}
