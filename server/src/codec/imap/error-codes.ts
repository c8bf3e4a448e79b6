/**
 * How a `MailError` is said over IMAP (RFC 9051 7.1, RFC 5530): tagged NO or BAD and a response code, for every `ErrorCode`.
 */
import type { ErrorCode } from '../../kernel/errors.js';

export interface ImapErrorForm {
  readonly status: 'NO' | 'BAD';
  /** Without brackets; undefined for none. */
  readonly code: string | undefined;
}

export const imapErrorForms: Readonly<Record<ErrorCode, ImapErrorForm>> = {
  invalid: { status: 'BAD', code: 'CLIENTBUG' },
  nonexistent: { status: 'NO', code: 'NONEXISTENT' },
  alreadyExists: { status: 'NO', code: 'ALREADYEXISTS' },
  // RFC 9051 6.3.5: DELETE of a mailbox with children.
  hasChildren: { status: 'NO', code: 'HASCHILDREN' },
  cannot: { status: 'NO', code: 'CANNOT' },
  // RFC 7889 4 (APPENDLIMIT), RFC 4469 3.
  tooBig: { status: 'NO', code: 'TOOBIG' },
  limit: { status: 'NO', code: 'LIMIT' },
  overQuota: { status: 'NO', code: 'OVERQUOTA' },
  authenticationFailed: { status: 'NO', code: 'AUTHENTICATIONFAILED' },
  authorizationFailed: { status: 'NO', code: 'AUTHORIZATIONFAILED' },
  privacyRequired: { status: 'NO', code: 'PRIVACYREQUIRED' },
  expired: { status: 'NO', code: 'EXPIRED' },
  throttled: { status: 'NO', code: 'UNAVAILABLE' },
  inUse: { status: 'NO', code: 'INUSE' },
  // RFC 7162 3.1.3 says MODIFIED with a set; the STORE command writes that itself.
  conflict: { status: 'NO', code: undefined },
  unavailable: { status: 'NO', code: 'UNAVAILABLE' },
  unsupportedCharset: { status: 'NO', code: 'BADCHARSET (US-ASCII UTF-8)' },
  unknownEncoding: { status: 'NO', code: 'UNKNOWN-CTE' },
  closed: { status: 'NO', code: 'UNAVAILABLE' },
  internal: { status: 'NO', code: 'SERVERBUG' },
};
