/** What was typed in the search field, as a filter over all mail. */
import type { Mailbox } from '@vaguemestre/shared/jmap/mailbox';
import { namesPlace, searchFilterOf } from '@vaguemestre/shared/search-filter';
import { parseSearch, type Term } from '@vaguemestre/shared/search-grammar';
import { type EmailFilter, fold } from '../jmap/store/email-filter.js';
import { pathName } from './folder-tree.js';
import { keywordOf, type Label } from './labels.js';
import { outsideTrash } from './view.js';

export interface SearchNames {
  readonly mailboxes: readonly Mailbox[];
  readonly labels: readonly Label[];
  /** What a mailbox is called on the page, beside its own name. */
  readonly nameOf: (box: Mailbox) => string;
  readonly now: Date;
}

function wholeFilter(terms: readonly Term[], names: SearchNames): EmailFilter {
  return searchFilterOf(terms, {
    now: names.now,
    mailbox: (name) => findMailbox(name, names)?.id,
    keyword: (name) =>
      names.labels.find((label) => fold(label.name) === fold(name))?.keyword ?? (keywordOf(name) || name.toLowerCase()),
  });
}

const termsOf = (typed: string): readonly Term[] => parseSearch(typed).map((one) => one.term);

export function searchFilter(typed: string, names: SearchNames): EmailFilter {
  const terms = termsOf(typed);
  if (terms.length === 0) return outsideTrash(names.mailboxes);
  const filter = wholeFilter(terms, names);
  if (namesPlace(terms)) return filter;
  return { operator: 'AND', conditions: [filter, outsideTrash(names.mailboxes)] };
}

/** What the same search would find in the trash and the junk alone; undefined when it looks there, or says where to look. */
export function leftOutFilter(typed: string, names: SearchNames): EmailFilter | undefined {
  const terms = termsOf(typed);
  const aside = names.mailboxes.filter((box) => box.role === 'trash' || box.role === 'junk');
  if (terms.length === 0 || aside.length === 0 || namesPlace(terms)) return undefined;
  const there: EmailFilter = { operator: 'OR', conditions: aside.map((box) => ({ inMailbox: box.id })) };
  return { operator: 'AND', conditions: [wholeFilter(terms, names), there] };
}

/** Folders that the search names and that are not there. */
export function missingFolders(typed: string, names: SearchNames): readonly string[] {
  const look = (term: Term): readonly string[] => {
    if (term.kind === 'field' && term.field === 'in') return findMailbox(term.text, names) ? [] : [term.text];
    if (term.kind === 'not') return look(term.term);
    return term.kind === 'any' || term.kind === 'all' ? term.terms.flatMap(look) : [];
  };
  return termsOf(typed).flatMap(look);
}

/** By role, by name, by path (`Projets / ANR`), and at last by how its name begins. */
export function findMailbox(
  name: string,
  { mailboxes, nameOf }: Pick<SearchNames, 'mailboxes' | 'nameOf'>,
): Mailbox | undefined {
  const wanted = fold(name);
  const bare = wanted.replaceAll(' / ', '/');
  return (
    mailboxes.find((box) => box.role === wanted || fold(box.name) === wanted || fold(nameOf(box)) === wanted) ??
    mailboxes.find((box) => fold(pathName(box, mailboxes, nameOf)).replaceAll(' / ', '/') === bare) ??
    mailboxes.find((box) => fold(nameOf(box)).startsWith(wanted))
  );
}
