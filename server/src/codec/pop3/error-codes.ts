/**
 * How a `MailError` is said over POP3: the response code behind `-ERR` (RFC 2449 8, RFC 3206), for every `ErrorCode`. `AUTH` is
 * for wrong credentials and for nothing else: Eudora forgets its password at it.
 */
import type { ErrorCode } from '../../kernel/errors.js';

export type Pop3ResponseCode = 'AUTH' | 'IN-USE' | 'LOGIN-DELAY' | 'SYS/TEMP' | 'SYS/PERM';

export const pop3ErrorCodes: Readonly<Record<ErrorCode, Pop3ResponseCode | undefined>> = {
  invalid: undefined,
  nonexistent: undefined,
  alreadyExists: undefined,
  hasChildren: undefined,
  cannot: undefined,
  tooBig: undefined,
  limit: 'SYS/TEMP',
  overQuota: 'SYS/TEMP',
  authenticationFailed: 'AUTH',
  authorizationFailed: 'SYS/PERM',
  privacyRequired: 'SYS/PERM',
  expired: 'SYS/PERM',
  throttled: 'SYS/TEMP',
  inUse: 'IN-USE',
  conflict: 'SYS/TEMP',
  unavailable: 'SYS/TEMP',
  unsupportedCharset: undefined,
  unknownEncoding: undefined,
  closed: 'SYS/TEMP',
  internal: 'SYS/TEMP',
};
