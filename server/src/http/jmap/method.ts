/**
 * What a JMAP method is (RFC 8620 section 3): arguments in, one or more responses out. The engine resolves result
 * references and created ids before it calls a method, and turns a thrown `MethodError` into the `error` response.
 */
import type { MethodErrorType } from '@vaguemestre/shared/jmap/errors';
import type { Account } from '../../mailstore/account.js';
import type { SignedIn } from '../auth/signed-in.js';

export type JsonObject = { readonly [name: string]: unknown };

export interface MethodContext {
  readonly signedIn: SignedIn;
  /** The account of `accountId`, already checked to be the caller's own, opened, and fresh as of the request's start. */
  readonly account: Account;
  /** Creation ids of the whole request to ids (RFC 8620 section 3.3); methods add theirs. */
  readonly createdIds: Map<string, string>;
  /** Capabilities the request is `using`. */
  readonly using: ReadonlySet<string>;
  /** Aborted when the client goes away or the session ends. */
  readonly signal: AbortSignal;
  /** Runs another method in the same context: what an implicit call answers goes into `extra`. MethodError. */
  call(name: string, args: JsonObject): Promise<MethodResult>;
}

/** A response other than the one of the method itself: an implicit call (RFC 8621 section 7.5 onSuccessUpdateEmail). */
export interface ExtraResponse {
  readonly name: string;
  readonly arguments: JsonObject;
}

export interface MethodResult {
  readonly response: JsonObject;
  readonly extra?: readonly ExtraResponse[];
}

export interface JmapMethod {
  readonly name: string;
  /** Must be in `using`, or the method is unknown (RFC 8620 section 3.6.2 unknownMethod). */
  readonly capability: string;
  /** It has no `accountId`, as Core/echo: the context then holds the caller's own account. */
  readonly accountless?: boolean;
  run(args: JsonObject, context: MethodContext): Promise<MethodResult>;
}

/** RFC 8620 section 3.6.2 and the errors that each method adds; the `type` is what the client reads. */
export class MethodError extends Error {
  readonly type: MethodErrorType;
  /** More members of the error object, such as `limit`. */
  readonly more: JsonObject;

  constructor(type: MethodErrorType, description: string, more: JsonObject = {}) {
    super(description);
    this.type = type;
    this.more = more;
  }
}
