import type { SetError } from '@vaguemestre/shared/jmap/errors';
import type { EmailRefusal } from '../../../mailstore/email-set.js';

/** Why the store did not do one of them, in JMAP's words (RFC 8620 5.3, RFC 8621 4.6). */
export function setErrorOfRefusal({ refused }: EmailRefusal): SetError {
  switch (refused) {
    case 'nonexistent':
      return { type: 'notFound' };
    case 'mailbox':
      return { type: 'invalidProperties', properties: ['mailboxIds'], description: 'There is no such mailbox' };
    case 'nowhere':
      return { type: 'invalidProperties', properties: ['mailboxIds'], description: 'An email lies in some mailbox' };
    case 'overQuota':
      return { type: 'overQuota', description: 'The mailbox is full: delete messages or ask for more room' };
    case 'limit':
      return { type: 'tooManyKeywords', description: 'The account has as many keywords as it may have' };
    case 'invalid':
      return { type: 'invalidProperties', properties: ['keywords'], description: 'That is no keyword' };
  }
}
