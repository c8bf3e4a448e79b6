/**
 * How a command ends: the tagged response. This is the one place where an error becomes words for a client: a MailError by
 * the table of codec/imap/error-codes.ts, a syntax error as it says, anything else as a constant text with an id under which
 * the log has the truth.
 */
import { randomBytes } from 'node:crypto';
import { imapErrorForms } from '../codec/imap/error-codes.js';
import { statusLine } from '../codec/imap/response.js';
import { ImapSyntaxError } from '../codec/imap/syntax-error.js';
import { MailError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';

export interface Outcome {
  readonly status: 'OK' | 'NO' | 'BAD';
  /** Response code without brackets. */
  readonly code?: string | undefined;
  readonly text: string;
  /** What happens once the response is on its way: TLS, the end of the connection. */
  readonly after?: () => Promise<void> | void;
}

export const ok = (text: string, code?: string): Outcome => ({ status: 'OK', code, text });
export const no = (text: string, code?: string): Outcome => ({ status: 'NO', code, text });

export const tagged = (tag: string, { status, text, code }: Outcome): string => statusLine(tag, status, text, code);

/** Errors of a connection that is gone are no outcome: they end the session. */
export const isClosed = (error: unknown): boolean => error instanceof MailError && error.code === 'closed';

export function outcomeOf(error: unknown, log: Log): Outcome {
  if (error instanceof ImapSyntaxError) return { status: error.status, code: error.code, text: error.text };
  if (error instanceof MailError) {
    const { status, code } = imapErrorForms[error.code];
    if (error.cause !== undefined) log.warn({ err: error, details: error.details }, 'command failed');
    return { status, code, text: error.public };
  }
  const reference = randomBytes(6).toString('hex');
  log.error({ err: error, reference }, 'internal error');
  const { status, code } = imapErrorForms.internal;
  return { status, code, text: `Internal error, reference ${reference}` };
}
