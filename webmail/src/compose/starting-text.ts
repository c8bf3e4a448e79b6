/**
 * What stands in a new draft before a word is typed: room for the answer, the signature, and what is quoted. Lines of the
 * header of a forwarded message are written out, because the reader gets the message without its own.
 */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import type { OpenedEmail } from './opened-email.js';
import { quoteText } from './quote-text.js';

export interface QuoteWords {
  attribution(date: string, who: string): string;
  readonly forwarded: string;
  readonly forwardedFrom: string;
  readonly forwardedDate: string;
  readonly forwardedSubject: string;
  readonly forwardedTo: string;
  readonly forwardedCc: string;
}

/** Signature in plain text; empty when there is none (RFC 3676 section 4.3). */
export function signatureText(signature: string): string {
  return signature.trim() === '' ? '' : `-- \n${signature.trimEnd()}\n`;
}

export function replyAttribution(email: OpenedEmail, words: QuoteWords, formatDate: (date: Date) => string): string {
  return words.attribution(formatDate(dateOf(email)), personName(email.from?.[0]));
}

/** One line a field, under a ruled title. */
export function forwardAttribution(
  email: OpenedEmail,
  words: QuoteWords,
  formatDate: (date: Date) => string,
): readonly string[] {
  const field = (name: string, value: string): readonly string[] => (value === '' ? [] : [`${name} ${value}`]);
  return [
    `---------- ${words.forwarded} ----------`,
    ...field(words.forwardedFrom, listed(email.from)),
    ...field(words.forwardedDate, formatDate(dateOf(email))),
    ...field(words.forwardedSubject, email.subject ?? ''),
    ...field(words.forwardedTo, listed(email.to)),
    ...field(words.forwardedCc, listed(email.cc)),
  ];
}

export function replyText(text: string, attribution: string, signature: string): string {
  return `\n\n${signatureText(signature)}\n${quoteText({ attribution, text })}`;
}

export function forwardText(text: string, attribution: readonly string[], signature: string): string {
  return `\n\n${signatureText(signature)}\n${attribution.join('\n')}\n\n${text}`;
}

export function personName(address: EmailAddress | undefined): string {
  return address?.name || (address?.email ?? '');
}

function listed(addresses: readonly EmailAddress[] | null): string {
  return (addresses ?? [])
    .map(({ name, email }) => (name === null || name === '' ? email : `${name} <${email}>`))
    .join(', ');
}

function dateOf(email: OpenedEmail): Date {
  const sent = new Date(email.sentAt ?? email.receivedAt);
  return Number.isNaN(sent.getTime()) ? new Date(email.receivedAt) : sent;
}
