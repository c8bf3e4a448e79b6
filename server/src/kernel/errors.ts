/**
 * The one family of errors that may reach a client. Code that meets a condition a client should be told about throws a
 * `MailError`; each protocol has one table from `code` to its own form (IMAP response code, SMTP reply, JMAP type, HTTP
 * status) and a test that every code has a row. Anything else that is thrown is logged with an id and answered with a
 * constant text: it may hold what a client must not see.
 */

/** Closed list: adding one means adding a row to the table of every protocol. */
export const errorCodes = [
  'invalid', // the request makes no sense: syntax, type, range
  'nonexistent', // mailbox, message, account, script that is not there (or not theirs: never distinguish)
  'alreadyExists',
  'hasChildren',
  'cannot', // understood and impossible whatever the rights (delete INBOX, rename into own child)
  'tooBig', // one message or request over a size limit
  'limit', // a number limit: connections, mailboxes, keywords, depth, UID space
  'overQuota',
  'authenticationFailed', // wrong credentials; one text for every reason
  'authorizationFailed', // right password, but not by this door: the text says which door to use
  'privacyRequired', // needs TLS first
  'expired', // credentials or account expired
  'throttled', // too many failures; try later
  'inUse',
  'conflict', // UNCHANGEDSINCE, ifInState
  'unavailable', // the store is away or the outcome is unknown: try again
  'unsupportedCharset',
  'unknownEncoding', // BINARY: cannot decode the part (RFC 3516 UNKNOWN-CTE)
  'closed', // the session or the service is ending
  'internal', // a fault of ours, already logged
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface MailErrorOptions {
  /** Trying again later may succeed. Default: by code (`unavailable`, `throttled`, `inUse`, `closed`, `overQuota`). */
  readonly temporary?: boolean;
  readonly cause?: unknown;
  /** It may have been done all the same: whoever answers must not say that it was not. */
  readonly uncertain?: boolean;
  /** For the log only, never for a client. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const temporaryCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unavailable',
  'throttled',
  'inUse',
  'closed',
  'overQuota',
]);

export class MailError extends Error {
  override readonly name = 'MailError';
  readonly code: ErrorCode;
  /** Text a client may see: one sentence, ASCII, no CR or LF, says what to do. */
  readonly public: string;
  readonly temporary: boolean;
  readonly uncertain: boolean;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, publicText: string, options: MailErrorOptions = {}) {
    super(publicText, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.public = publicText;
    this.temporary = options.temporary ?? temporaryCodes.has(code);
    this.uncertain = options.uncertain ?? false;
    this.details = options.details;
  }
}
