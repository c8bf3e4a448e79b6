/**
 * Signs the same person in again without leaving the page, so that what is being written stays. An own computer stays one. `code`:
 * the password was right, and the code of the second factor is asked for.
 */

import { isFailure } from '../jmap/failure.js';
import { ask } from '../jmap/transport.js';

export type SignInAnswer = 'in' | 'code' | 'wrong' | 'away';

export async function signInAgain(address: string, password: string, own: boolean): Promise<SignInAnswer> {
  const body = new URLSearchParams({ username: address, password, ...(own ? { own: '1' } : {}) });
  return await send('/login', body);
}

export const bringCode = (code: string): Promise<SignInAnswer> => send('/login/code', new URLSearchParams({ code }));

async function send(path: string, body: URLSearchParams): Promise<SignInAnswer> {
  try {
    const answer = (await (await ask(path, { method: 'POST', body })).json()) as { readonly step?: 'code' };
    return answer.step ?? 'in';
  } catch (error) {
    return isFailure(error) && error.kind === 'signedOut' ? 'wrong' : 'away';
  }
}
