/** Signs the same person in again without leaving the page, so that what is being written stays. An own computer stays one. */

import { isFailure } from '../jmap/failure.js';
import { ask } from '../jmap/transport.js';

export type SignInAnswer = 'in' | 'wrong' | 'away';

export async function signInAgain(address: string, password: string, own: boolean): Promise<SignInAnswer> {
  const body = new URLSearchParams({ username: address, password, ...(own ? { own: '1' } : {}) });
  try {
    await ask('/login', { method: 'POST', body });
    return 'in';
  } catch (error) {
    return isFailure(error) && error.kind === 'signedOut' ? 'wrong' : 'away';
  }
}
