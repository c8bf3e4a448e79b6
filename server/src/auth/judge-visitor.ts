import type { PersonDocument } from '../database/accounts.js';
import { MailError } from '../kernel/errors.js';
import { type Door, type PolicySettings, refusalFor } from './access-policy.js';
import { refusalText } from './refusal-texts.js';

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
