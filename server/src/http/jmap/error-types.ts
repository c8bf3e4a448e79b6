/** What a MailError is called in JMAP: as the error of a method call (RFC 8620 3.6.2), and of one object of a /set (5.3). */
import type { MethodErrorArguments, MethodErrorType, SetError, SetErrorType } from '@vaguemestre/shared/jmap/errors';
import { type ErrorCode, MailError } from '../../kernel/errors.js';
import { newProcessNonce } from '../../kernel/ids.js';
import type { Log } from '../../kernel/log.js';
import { MethodError } from './method.js';

export const methodErrorOf: Readonly<Record<ErrorCode, MethodErrorType>> = {
  invalid: 'invalidArguments',
  nonexistent: 'accountNotFound',
  alreadyExists: 'invalidArguments',
  hasChildren: 'forbidden',
  cannot: 'forbidden',
  tooBig: 'requestTooLarge',
  limit: 'serverUnavailable',
  overQuota: 'forbidden',
  authenticationFailed: 'forbidden',
  authorizationFailed: 'forbidden',
  privacyRequired: 'forbidden',
  expired: 'forbidden',
  throttled: 'serverUnavailable',
  inUse: 'serverUnavailable',
  conflict: 'stateMismatch',
  unavailable: 'serverUnavailable',
  unsupportedCharset: 'unsupportedFilter',
  unknownEncoding: 'invalidArguments',
  closed: 'serverUnavailable',
  internal: 'serverFail',
};

/** undefined: it concerns the whole method, not this object. */
export const setErrorOf: Readonly<Record<ErrorCode, SetErrorType | undefined>> = {
  invalid: 'invalidProperties',
  nonexistent: 'notFound',
  alreadyExists: 'alreadyExists',
  hasChildren: 'mailboxHasChild',
  cannot: 'forbidden',
  tooBig: 'tooLarge',
  // RFC 8620 5.3: overQuota is also a limit on the number of objects.
  limit: 'overQuota',
  overQuota: 'overQuota',
  authenticationFailed: 'forbidden',
  authorizationFailed: 'forbidden',
  privacyRequired: 'forbidden',
  expired: 'forbidden',
  throttled: 'rateLimit',
  inUse: undefined,
  conflict: undefined,
  unavailable: undefined,
  unsupportedCharset: 'invalidProperties',
  unknownEncoding: 'invalidProperties',
  closed: undefined,
  internal: undefined,
};

/** Arguments of the `error` response. What is no error of ours to tell is logged under an id and told by it alone. */
export function methodErrorArguments(error: unknown, method: string, log: Log): MethodErrorArguments {
  if (error instanceof MethodError) return { ...error.more, type: error.type, description: error.message };
  if (error instanceof MailError) return { type: methodErrorOf[error.code], description: error.public };
  const id = newProcessNonce();
  log.error({ err: error, id, method }, 'JMAP method failed');
  return { type: 'serverFail', description: `Something went wrong on our side (${id})` };
}

/** For one object of a /set. Throws on what concerns the whole method. */
export function setErrorFrom(error: unknown): SetError {
  if (!(error instanceof MailError)) throw error;
  const type = setErrorOf[error.code];
  if (type === undefined) throw error;
  return { type, description: error.public };
}
