/** The people that a `mailto:` link names (RFC 6068 2); its other fields are left to the writer. */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';

const maxPeople = 50;

export function recipientsOf(href: string): EmailAddress[] {
  const path = href.slice('mailto:'.length).split('?', 1)[0] ?? '';
  return path
    .split(',', maxPeople)
    .map((part) => decoded(part).trim())
    .filter((email) => email.includes('@'))
    .map((email) => ({ name: null, email }));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
