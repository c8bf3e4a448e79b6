/** Passwords of mail programs and the second factor, as the service has them (`/api/auth/apps`, `/api/auth/code`). */
import type { Protocol, Zone } from '@vaguemestre/shared/people';
import { isFailure } from '../jmap/failure.js';
import { ask } from '../jmap/transport.js';

export interface AppPassword {
  readonly id: string;
  readonly name: string;
  readonly protocols: readonly Protocol[];
  readonly zones: readonly Zone[];
  readonly made: string;
  readonly used?: { readonly at: string; readonly protocol: Protocol; readonly address: string };
}

export interface NewAppPassword {
  readonly current: string;
  readonly name: string;
  readonly protocols: readonly Protocol[];
  readonly zones: readonly Zone[];
}

/** Why it was not done. */
export type Trouble = 'wrongPassword' | 'wrongCode' | 'tooManyTries' | 'full' | 'noPasskey' | 'knownPasskey' | 'failed';

const json = 'application/json';

/** A call that changes something; what it answers. */
export async function tell<T>(path: string, body: object): Promise<T> {
  const response = await ask(path, { method: 'POST', type: json, body: JSON.stringify(body) });
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** `cannot`: what it means here that the service cannot. */
export function troubleOf(error: unknown, cannot: Trouble): Trouble {
  if (isFailure(error, 'cannot')) return cannot;
  if (isFailure(error, 'limit')) return 'full';
  return isFailure(error) && error.kind === 'busy' ? 'tooManyTries' : 'failed';
}

export async function listAppPasswords(): Promise<readonly AppPassword[]> {
  const { apps } = (await (await ask('/api/auth/apps')).json()) as { readonly apps: readonly AppPassword[] };
  return apps.toSorted((a, b) => b.made.localeCompare(a.made));
}

/** The secret is told this once. */
export async function makeAppPassword(app: NewAppPassword): Promise<{ readonly secret: string } | Trouble> {
  try {
    return await tell<{ secret: string }>('/api/auth/apps', app);
  } catch (error) {
    return troubleOf(error, 'wrongPassword');
  }
}

export async function takeBackAppPassword(id: string): Promise<void> {
  await ask(`/api/auth/apps/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

export interface CodeState {
  readonly on: boolean;
  readonly recoveryLeft?: number;
}

export async function readCode(): Promise<CodeState> {
  return (await (await ask('/api/auth/code')).json()) as CodeState;
}

/** What to type into the telephone; its picture is at `codePicture`. */
export async function startCode(current: string): Promise<{ readonly secret: string } | Trouble> {
  try {
    return await tell<{ secret: string }>('/api/auth/code/start', { current });
  } catch (error) {
    return troubleOf(error, 'wrongPassword');
  }
}

export const codePicture = '/api/auth/code/qr.svg';

export async function confirmCode(code: string): Promise<{ readonly recovery: readonly string[] } | Trouble> {
  try {
    return await tell<{ recovery: readonly string[] }>('/api/auth/code/confirm', { code });
  } catch (error) {
    return troubleOf(error, 'wrongCode');
  }
}

export async function endCode(current: string, code: string): Promise<'off' | Trouble> {
  try {
    await tell('/api/auth/code/off', { current, code });
    return 'off';
  } catch (error) {
    return troubleOf(error, 'wrongCode');
  }
}
