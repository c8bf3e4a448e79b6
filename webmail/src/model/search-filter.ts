/** What was typed in the search field, as a filter over all mail. */
import type { Mailbox } from '@vaguemestre/shared/jmap/mailbox';
import { namesPlace, searchFilterOf } from '@vaguemestre/shared/search-filter';
import { parseSearch } from '@vaguemestre/shared/search-grammar';
import { type EmailFilter, fold } from '../jmap/store/email-filter.js';
import { keywordOf, type Label } from './labels.js';
import { outsideTrash } from './view.js';

export interface SearchNames {
  readonly mailboxes: readonly Mailbox[];
  readonly labels: readonly Label[];
  /** What a mailbox is called on the page, beside its own name. */
  readonly nameOf: (box: Mailbox) => string;
  readonly now: Date;
}

export function searchFilter(typed: string, names: SearchNames): EmailFilter {
  const terms = parseSearch(typed).map((one) => one.term);
  const filter = searchFilterOf(terms, {
    now: names.now,
    mailbox: (name) => findMailbox(name, names)?.id,
    keyword: (name) =>
      names.labels.find((label) => fold(label.name) === fold(name))?.keyword ?? (keywordOf(name) || name.toLowerCase()),
  });
  if (terms.length === 0) return outsideTrash(names.mailboxes);
  if (namesPlace(terms)) return filter;
  return { operator: 'AND', conditions: [filter, outsideTrash(names.mailboxes)] };
}

function findMailbox(name: string, names: SearchNames): Mailbox | undefined {
  const wanted = fold(name);
  const { mailboxes, nameOf } = names;
  return (
    mailboxes.find((box) => box.role === wanted || fold(box.name) === wanted || fold(nameOf(box)) === wanted) ??
    mailboxes.find((box) => fold(nameOf(box)).startsWith(wanted))
  );
}
