/** Moving a person between the address fields of a draft: each stands in one of them. */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import type { Draft } from './draft.js';

export const recipientFields = ['to', 'cc', 'bcc'] as const;
export type RecipientField = (typeof recipientFields)[number];
type Recipients = Pick<Draft, RecipientField>;

/** `index`: where among those that stand there now. Nothing changes for somebody who is in no field. */
export function moveRecipient(draft: Recipients, email: string, to: RecipientField, index: number): Recipients {
  const key = email.toLowerCase();
  const is = (one: EmailAddress): boolean => one.email.toLowerCase() === key;
  const person = recipientFields.flatMap((field) => draft[field]).find(is);
  if (person === undefined) return { to: draft.to, cc: draft.cc, bcc: draft.bcc };
  const before = draft[to].slice(0, index).filter((one) => !is(one));
  const after = draft[to].slice(index).filter((one) => !is(one));
  const without = (field: RecipientField): readonly EmailAddress[] => draft[field].filter((one) => !is(one));
  return { to: without('to'), cc: without('cc'), bcc: without('bcc'), [to]: [...before, person, ...after] };
}
