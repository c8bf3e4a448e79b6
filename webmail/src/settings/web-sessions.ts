/** Sessions of browsers and the password, as the service has them (`/api/auth`). */
import { isFailure } from '../jmap/failure.js';
import { ask } from '../jmap/transport.js';

export interface WebSession {
  readonly id: string;
  readonly made: string;
  readonly used: string;
  readonly agent: string;
  readonly address: string;
  readonly own: boolean;
  readonly current: boolean;
}

const json = 'application/json';

/** The one in use first, then by last use. */
export async function listSessions(): Promise<readonly WebSession[]> {
  const response = await ask('/api/auth/sessions');
  const { sessions } = (await response.json()) as { readonly sessions: readonly WebSession[] };
  return sessions.toSorted((a, b) => Number(b.current) - Number(a.current) || b.used.localeCompare(a.used));
}

export async function endSession(id: string): Promise<void> {
  await ask('/api/auth/sessions/revoke', { method: 'POST', type: json, body: JSON.stringify({ id }) });
}

export async function endOtherSessions(): Promise<void> {
  await ask('/api/auth/sessions/revoke', { method: 'POST', type: json, body: JSON.stringify({ others: true }) });
}

export type PasswordAnswer = 'changed' | 'wrong' | 'weak' | 'failed';

export async function changePassword(current: string, next: string): Promise<PasswordAnswer> {
  try {
    await ask('/api/auth/password', { method: 'POST', type: json, body: JSON.stringify({ current, next }) });
    return 'changed';
  } catch (error) {
    if (isFailure(error, 'cannot')) return 'wrong';
    return isFailure(error, 'invalid') ? 'weak' : 'failed';
  }
}
