import type { ErrorCode, MailError } from '../kernel/errors.js';

/** Exit codes of every command, after sysexits.h, so that scripts can tell a typing error from a store that is away. */
export const exitCodes = {
  ok: 0,
  /** Done in part: the report says what was not. */
  incomplete: 1,
  usage: 64,
  data: 65,
  noInput: 66,
  noUser: 67,
  unavailable: 69,
  internal: 70,
  cannotCreate: 73,
  temporary: 75,
  notAllowed: 77,
  config: 78,
  interrupted: 130,
} as const;

const byError: Readonly<Partial<Record<ErrorCode, number>>> = {
  invalid: exitCodes.data,
  nonexistent: exitCodes.noUser,
  alreadyExists: exitCodes.cannotCreate,
  overQuota: exitCodes.cannotCreate,
  tooBig: exitCodes.data,
  unavailable: exitCodes.unavailable,
  inUse: exitCodes.temporary,
  authenticationFailed: exitCodes.notAllowed,
  authorizationFailed: exitCodes.notAllowed,
};

export function exitCodeOf(error: MailError): number {
  return byError[error.code] ?? (error.temporary ? exitCodes.temporary : exitCodes.incomplete);
}

/** The command line itself is wrong: the answer names the command's --help. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
