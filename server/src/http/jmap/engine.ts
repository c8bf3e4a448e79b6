/**
 * Runs the method calls of a request (RFC 8620 3.3 to 3.7): one after the other, references and accounts resolved before each,
 * every failure in its place. Responses are turned into text as they come, so that an answer that grows too large is noticed
 * before it is all in memory.
 *
 * On failure of a method: its `error` response; the others go on. It never rejects but for the signal.
 */
import type { Invocation, Request } from '@vaguemestre/shared/jmap/core';
import { maxJmapResponseBytes } from '../../kernel/limits.js';
import type { Log } from '../../kernel/log.js';
import type { Account } from '../../mailstore/account.js';
import type { SignedIn } from '../auth/signed-in.js';
import { methodErrorArguments } from './error-types.js';
import { type JmapMethod, type JsonObject, type MethodContext, MethodError, type MethodResult } from './method.js';
import { resolveReferences } from './references.js';

export type MethodTable = ReadonlyMap<string, JmapMethod>;

export function methodTable(methods: Iterable<JmapMethod>): MethodTable {
  const table = new Map<string, JmapMethod>();
  for (const method of methods) {
    if (table.has(method.name)) throw new TypeError(`two methods are called ${method.name}`);
    table.set(method.name, method);
  }
  return table;
}

export interface RunOptions {
  readonly methods: MethodTable;
  readonly signedIn: SignedIn;
  /** The caller's own; fresh. */
  readonly account: Account;
  readonly sessionState: string;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** The Response object as JSON text. */
export async function runRequest(request: Request, options: RunOptions): Promise<string> {
  const { methods, signedIn, account, signal, log } = options;
  const createdIds = new Map(Object.entries(request.createdIds ?? {}));
  const using = new Set(request.using);
  const context: MethodContext = {
    signedIn,
    account,
    createdIds,
    using,
    signal,
    call: (name, args) => runMethod(name, args),
  };

  async function runMethod(name: string, args: JsonObject): Promise<MethodResult> {
    const method = methods.get(name);
    // RFC 8620 3.3: what is not asked for by `using` is not there.
    if (method === undefined || !using.has(method.capability)) {
      throw new MethodError('unknownMethod', 'There is no such method in what the request is using');
    }
    if (method.accountless !== true) checkAccount(args, account);
    return method.run(args, context);
  }

  const responses: Invocation[] = [];
  const texts: string[] = [];
  let bytes = 0;
  const answer = (response: Invocation): void => {
    const text = JSON.stringify(response);
    if (bytes + text.length > maxJmapResponseBytes && response[0] !== 'error') {
      answer(errorResponse(new MethodError('requestTooLarge', 'The answer is too large, ask for less'), response[2]));
      return;
    }
    bytes += text.length;
    texts.push(text);
    responses.push(response);
  };
  const errorResponse = (error: unknown, callId: string, method = ''): Invocation => [
    'error',
    methodErrorArguments(error, method, log),
    callId,
  ];

  for (const [name, rawArguments, callId] of request.methodCalls) {
    signal.throwIfAborted();
    try {
      const result = await runMethod(name, resolveReferences(rawArguments, responses));
      answer([name, result.response, callId]);
      for (const extra of result.extra ?? []) answer([extra.name, extra.arguments, callId]);
    } catch (error) {
      signal.throwIfAborted();
      answer(errorResponse(error, callId, name));
    }
  }
  // RFC 8620 3.4: only returned if it was given.
  const created =
    request.createdIds === undefined ? '' : `"createdIds":${JSON.stringify(Object.fromEntries(createdIds))},`;
  return `{"methodResponses":[${texts.join(',')}],${created}"sessionState":${JSON.stringify(options.sessionState)}}`;
}

/** An id of somebody else's account and one of none at all are answered alike (invariant 5). */
function checkAccount(args: JsonObject, account: Account): void {
  const { accountId } = args;
  if (typeof accountId !== 'string') throw new MethodError('invalidArguments', 'accountId must be an id');
  if (accountId !== account.id) throw new MethodError('accountNotFound', 'There is no such account');
}
