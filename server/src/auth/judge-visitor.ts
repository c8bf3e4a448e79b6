import type { PersonDocument } from '../database/accounts.js';
import { MailError } from '../kernel/errors.js';
import type { Peer } from '../net/connection.js';
import { type Door, type PolicySettings, type Refusal, refusalFor } from './access-policy.js';
import { hasSecondFactor } from './principal.js';
import { refusalText } from './refusal-texts.js';

/**
 * How somebody came in. A password in clear between two ends of this machine cannot be read on the way, so it counts as
 * protected (contract, Listeners).
 */
export function transportOf(way: {
  readonly peer: Peer;
  readonly secure: boolean;
  readonly legacy?: boolean;
}): Door['transport'] {
  if (way.secure) return way.legacy === true ? 'legacy' : 'tls';
  return way.peer.unix || way.peer.local ? 'tls' : 'clear';
}

/** Why this person may not come in (any more) by this door, in their own language; undefined: they may. */
export function judgeVisitor(
  person: PersonDocument,
  door: Door,
  settings: PolicySettings,
  nowMs: number,
): MailError | undefined {
  const refusal = refusalFor({ ...person, expires: person.expires }, door, settings, nowMs);
  if (refusal === undefined) return undefined;
  const code = refusal === 'expired' ? 'expired' : 'authorizationFailed';
  return new MailError(code, refusalText(refusal, person.lang), { details: { refusal } });
}

/** Whether what a program came in with still opens anything: `app` is the id of an app password, undefined the person's own. */
export function judgeKey(person: PersonDocument, app: string | undefined): MailError | undefined {
  if (app === undefined) return hasSecondFactor(person) ? refused('useAppPassword', person) : undefined;
  if (person.apps?.some(({ id }) => id === app)) return undefined;
  return new MailError('authorizationFailed', 'This app password was taken back.');
}

export const refused = (refusal: Refusal, { lang }: Pick<PersonDocument, 'lang'>): MailError =>
  new MailError('authorizationFailed', refusalText(refusal, lang), { details: { refusal } });
