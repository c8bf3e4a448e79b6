/** Every error of JMAP: of a request, of a method call, of one object of a /set (RFC 8620 3.6 and 5, RFC 8621, RFC 9404). */
import type { Id } from './core.js';

/** RFC 8620 3.6.1: problem details (RFC 7807) of a request that was not run at all. */
export const requestErrorType = {
  unknownCapability: 'urn:ietf:params:jmap:error:unknownCapability',
  notJSON: 'urn:ietf:params:jmap:error:notJSON',
  notRequest: 'urn:ietf:params:jmap:error:notRequest',
  limit: 'urn:ietf:params:jmap:error:limit',
} as const;

export interface RequestError {
  readonly type: (typeof requestErrorType)[keyof typeof requestErrorType];
  readonly status: number;
  readonly detail?: string;
  /** Of `limit`: the name of the limit, as the session's core capability spells it. */
  readonly limit?: string;
}

/** RFC 8620 3.6.2 and the method errors of sections 5.1 to 5.6; RFC 8621 4.4, 4.5 and 5; RFC 9404 4.3. */
export const methodErrorTypes = [
  'serverUnavailable',
  'serverFail',
  'serverPartialFail',
  'unknownMethod',
  'invalidArguments',
  'invalidResultReference',
  'forbidden',
  'accountNotFound',
  'accountNotSupportedByMethod',
  'accountReadOnly',
  'requestTooLarge',
  'cannotCalculateChanges',
  'stateMismatch',
  'fromAccountNotFound',
  'fromAccountNotSupportedByMethod',
  'anchorNotFound',
  'unsupportedSort',
  'unsupportedFilter',
  'tooManyChanges',
  'unknownDataType',
] as const;
export type MethodErrorType = (typeof methodErrorTypes)[number];

/** Arguments of an `error` response. */
export interface MethodErrorArguments {
  readonly type: MethodErrorType;
  readonly description?: string;
  readonly [more: string]: unknown;
}

/** RFC 8620 5.3 and 5.4; RFC 8621 2.5, 4.6, 4.8, 6.3 and 7.5; RFC 9404 4.1. */
export const setErrorTypes = [
  'forbidden',
  'overQuota',
  'tooLarge',
  'rateLimit',
  'notFound',
  'invalidPatch',
  'willDestroy',
  'invalidProperties',
  'singleton',
  'alreadyExists',
  'mailboxHasChild',
  'mailboxHasEmail',
  'blobNotFound',
  'tooManyKeywords',
  'tooManyMailboxes',
  'invalidEmail',
  'tooManyRecipients',
  'noRecipients',
  'invalidRecipients',
  'forbiddenMailFrom',
  'forbiddenFrom',
  'forbiddenToSend',
  'cannotUnsend',
] as const;
export type SetErrorType = (typeof setErrorTypes)[number];

export interface SetError {
  readonly type: SetErrorType;
  readonly description?: string;
  readonly properties?: readonly string[];
  /** Of `alreadyExists` (RFC 8620 5.4, RFC 8621 4.8). */
  readonly existingId?: Id;
  /** Of `blobNotFound` (RFC 8621 4.6). */
  readonly notFound?: readonly Id[];
  /** Of `invalidRecipients` (RFC 8621 7.5). */
  readonly invalidRecipients?: readonly string[];
  readonly maxRecipients?: number;
  readonly maxSize?: number;
}
