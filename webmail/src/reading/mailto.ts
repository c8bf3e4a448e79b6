/** What a `mailto:` address says (RFC 6068 2): to whom, and for those who ask, subject and text. Copies and files never. */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';

const maxPeople = 50;
const maxSubject = 400;
const maxText = 4_000;

export interface MailtoMessage {
  readonly to: readonly EmailAddress[];
  readonly subject: string;
  readonly text: string;
}

export function recipientsOf(href: string): EmailAddress[] {
  const path = href.slice('mailto:'.length).split('?', 1)[0] ?? '';
  return path
    .split(',', maxPeople)
    .map((part) => decoded(part).trim())
    .filter((email) => email.includes('@'))
    .map((email) => ({ name: null, email }));
}

export function mailtoMessage(href: string): MailtoMessage {
  const query = href.slice(0, 20_000).split('?', 2)[1] ?? '';
  // RFC 6068 5: a plus sign is a plus sign here, and not a space.
  const fields = query.split('&', 20).map((field) => field.split('=', 2).map(decoded));
  const value = (name: string): string => fields.find(([key]) => key?.toLowerCase() === name)?.[1] ?? '';
  return {
    to: recipientsOf(href),
    subject: value('subject').replace(/\s+/g, ' ').slice(0, maxSubject).trim(),
    text: value('body').replace(/\r\n?/g, '\n').slice(0, maxText),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
