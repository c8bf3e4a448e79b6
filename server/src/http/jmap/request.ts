/**
 * The Request object (RFC 8620 3.3) and why one is not run at all (3.6.1). `parseRequest` checks what can be checked before the
 * first method: I-JSON, the type signature, known capabilities, the number of calls.
 */
import type { Invocation, Request } from '@vaguemestre/shared/jmap/core';
import { type RequestError, requestErrorType } from '@vaguemestre/shared/jmap/errors';
import { maxJmapCallsInRequest } from '../../kernel/limits.js';
import { parseIJson } from './i-json.js';
import { isId, isObject, isStringArray } from './values.js';

/** Thrown for a request that is refused as a whole; answered as problem details. */
export class RequestFailure extends Error {
  readonly problem: RequestError;

  constructor(problem: RequestError) {
    super(problem.type);
    this.problem = problem;
  }
}

/** Of the session's core capability: what a request-level `limit` error names. */
export type LimitName =
  | 'maxSizeRequest'
  | 'maxCallsInRequest'
  | 'maxConcurrentRequests'
  | 'maxConcurrentUpload'
  | 'maxSizeUpload';

export function limitFailure(limit: LimitName, status: number, detail: string): RequestFailure {
  return new RequestFailure({ type: requestErrorType.limit, status, limit, detail });
}

export function notJson(detail: string): RequestFailure {
  return new RequestFailure({ type: requestErrorType.notJSON, status: 400, detail });
}

function notRequest(detail: string): RequestFailure {
  return new RequestFailure({ type: requestErrorType.notRequest, status: 400, detail });
}

export function parseRequest(octets: Uint8Array, capabilities: ReadonlySet<string>): Request {
  const parsed = parseIJson(octets);
  if (parsed === undefined) throw notJson('The body is not I-JSON');
  const { value } = parsed;
  if (!isObject(value)) throw notRequest('A request is an object');
  const { using, methodCalls, createdIds } = value;
  if (!isStringArray(using)) throw notRequest('using must be an array of strings');
  if (!Array.isArray(methodCalls) || !methodCalls.every(isInvocation)) {
    throw notRequest('methodCalls must be an array of [name, arguments, method call id]');
  }
  if (createdIds !== undefined && !isIdMap(createdIds)) throw notRequest('createdIds must map ids to ids');
  const unknown = using.find((name) => !capabilities.has(name));
  if (unknown !== undefined) {
    throw new RequestFailure({
      type: requestErrorType.unknownCapability,
      status: 400,
      detail: `This server does not have the capability ${unknown.slice(0, 200)}`,
    });
  }
  if (methodCalls.length > maxJmapCallsInRequest) {
    throw limitFailure('maxCallsInRequest', 400, `A request has at most ${maxJmapCallsInRequest} method calls`);
  }
  return { using, methodCalls, ...(createdIds === undefined ? {} : { createdIds }) };
}

function isInvocation(value: unknown): value is Invocation {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    typeof value[0] === 'string' &&
    isObject(value[1]) &&
    typeof value[2] === 'string'
  );
}

function isIdMap(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.entries(value).every(([key, id]) => isId(key) && isId(id));
}
