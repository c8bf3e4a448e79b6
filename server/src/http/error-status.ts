/** The HTTP status of every error code, and the form in which errors are told (RFC 9457). */
import type { ErrorCode } from '../kernel/errors.js';

export const errorStatus: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  nonexistent: 404,
  alreadyExists: 409,
  hasChildren: 409,
  cannot: 422,
  tooBig: 413,
  limit: 429,
  overQuota: 507,
  authenticationFailed: 401,
  authorizationFailed: 403,
  privacyRequired: 403,
  expired: 403,
  throttled: 429,
  inUse: 409,
  conflict: 412,
  unavailable: 503,
  unsupportedCharset: 415,
  unknownEncoding: 415,
  closed: 503,
  internal: 500,
};

export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  /** Of the log line, when the fault is ours. */
  readonly id?: string;
}
