/** What was typed in the search field, as a filter over all mail. */
import type { Mailbox } from '@vaguemestre/shared/jmap/mailbox';
import type { EmailFilter } from '../jmap/store/email-filter.js';
import { outsideTrash } from './view.js';

export function searchFilter(text: string, mailboxes: readonly Mailbox[]): EmailFilter {
  return { operator: 'AND', conditions: [{ text }, outsideTrash(mailboxes)] };
}
