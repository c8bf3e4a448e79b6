/**
 * A thin JMAP client (RFC 8620 section 3). Calls made in the same turn of the event loop travel in one request; a call may
 * refer to the result of another made in the same turn. A call that only reads is tried again when nobody answered or the
 * server is busy; one that writes is tried again only if its caller says that doing it twice is doing it once.
 *
 * On failure: the call's `result` rejects with a `JmapFailure` (or the abort). A failed `result` that nobody looks at is
 * not an error of the page: whoever refers to it fails by itself.
 */
import { capability, type Invocation, type ResultReference, type Session } from '@vaguemestre/shared/jmap/core';
import { isAbort, JmapFailure } from './failure.js';
import type { ArgumentsOf, MethodName, ResponseOf } from './methods.js';
import type { Post } from './transport.js';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Doing it twice is the same as doing it once. True for what only reads. */
  readonly repeatable?: boolean;
  /** Responses to implicit calls (RFC 8621 7.5 `onSuccessUpdateEmail`), which carry the same call id. */
  readonly onImplicit?: (name: string, response: Readonly<Record<string, unknown>>) => void;
}

export interface Call<R> {
  readonly result: Promise<R>;
  /** For an argument that begins with `#`; JSON pointer with `*` (RFC 8620 3.7). Only in the same turn. */
  ref(path: string): ResultReference;
}

export interface JmapClient {
  readonly session: Session;
  readonly accountId: string;
  call<N extends MethodName>(name: N, args: ArgumentsOf<N>, options?: CallOptions): Call<ResponseOf<N>>;
}

interface Waiting {
  readonly id: string;
  readonly name: MethodName;
  readonly args: Readonly<Record<string, unknown>>;
  readonly options: CallOptions;
  readonly resolve: (response: never) => void;
  readonly reject: (error: unknown) => void;
}

const using = [capability.core, capability.mail, capability.submission, capability.quota];
/** Before each further try. What reads is worth three; then the page says that the service is away. */
const retryDelaysMs = [300, 1200, 4000];
const readers = /\/(?:get|query|changes|queryChanges)$/;

export function createClient(session: Session, post: Post, wait: (ms: number) => Promise<void> = pause): JmapClient {
  const accountId = session.primaryAccounts[capability.mail] ?? '';
  const maxCalls = Math.max(1, session.capabilities[capability.core].maxCallsInRequest);
  const announced = using.filter((name) => name in session.capabilities);
  let next = 0;
  let turn: Waiting[] = [];

  function flush(): void {
    const calls = turn.filter((call) => call.options.signal?.aborted !== true);
    turn = [];
    for (const request of packRequests(calls, maxCalls)) void send(request);
  }

  async function send(calls: readonly Waiting[]): Promise<void> {
    const abort = abortWhenAll(calls.map((call) => call.options.signal));
    const repeatable = calls.every((call) => call.options.repeatable ?? readers.test(call.name));
    const methodCalls: Invocation[] = calls.map((call) => [call.name, call.args, call.id]);
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          const answer = await post({ using: announced, methodCalls }, abort.signal);
          settle(calls, answer.methodResponses);
          return;
        } catch (error) {
          const delayMs = retryDelaysMs[attempt];
          if (!repeatable || delayMs === undefined || !isPassing(error)) throw error;
          await wait((error as JmapFailure).retryAfterMs ?? delayMs);
          if (abort.signal.aborted) throw abort.signal.reason;
        }
      }
    } catch (error) {
      for (const call of calls) call.reject(error);
    } finally {
      abort.release();
    }
  }

  return {
    session,
    accountId,
    call(name, args, options = {}) {
      const id = `c${next++}`;
      const result = new Promise<never>((resolve, reject) => {
        const signal = options.signal;
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = (): void => reject(signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        const done = (): void => signal?.removeEventListener('abort', onAbort);
        if (turn.length === 0) queueMicrotask(flush);
        turn.push({
          id,
          name,
          args: { accountId, ...args },
          options,
          resolve: (response) => {
            done();
            resolve(response);
          },
          reject: (error) => {
            done();
            reject(error);
          },
        });
      });
      result.catch(() => {}); // see above: not every result is looked at
      return { result, ref: (path) => ({ resultOf: id, name, path }) };
    },
  };
}

function settle(calls: readonly Waiting[], responses: readonly Invocation[]): void {
  const waiting = new Map(calls.map((call) => [call.id, call]));
  for (const [name, args, id] of responses) {
    const call = waiting.get(id);
    if (call === undefined) {
      // RFC 8620 3.3: one call may have several responses; the first of its own name settles it.
      calls.find((one) => one.id === id)?.options.onImplicit?.(name, args);
    } else if (name === call.name) {
      waiting.delete(id);
      call.resolve(args as never);
    } else if (name === 'error') {
      waiting.delete(id);
      const { type, description } = args as { type?: string; description?: string };
      call.reject(new JmapFailure('method', type ?? 'serverFail', description ?? `${call.name}: ${type}`));
    }
  }
  for (const call of waiting.values()) {
    call.reject(new JmapFailure('refused', 'serverFail', `No answer to ${call.name}.`));
  }
}

/** Calls that refer to one another stay together and in order; the rest fills requests up to the server's limit. */
export function packRequests<T extends { readonly id: string; readonly args: Readonly<Record<string, unknown>> }>(
  calls: readonly T[],
  maxCalls: number,
): T[][] {
  const groups: T[][] = [];
  const groupOf = new Map<string, T[]>();
  for (const call of calls) {
    const linked = new Set<T[]>();
    for (const [key, value] of Object.entries(call.args)) {
      const group = key.startsWith('#') ? groupOf.get((value as ResultReference).resultOf) : undefined;
      if (group) linked.add(group);
    }
    const [first = [], ...others] = linked;
    if (linked.size === 0) groups.push(first);
    for (const other of others) {
      first.push(...other);
      groups.splice(groups.indexOf(other), 1);
    }
    first.push(call);
    for (const member of first) groupOf.set(member.id, first);
  }
  const requests: T[][] = [];
  for (const group of groups) {
    const last = requests.at(-1);
    if (last && last.length + group.length <= maxCalls) last.push(...group);
    else requests.push([...group]);
  }
  return requests;
}

/** The request goes on as long as one of its calls is wanted. */
function abortWhenAll(signals: readonly (AbortSignal | undefined)[]): {
  readonly signal: AbortSignal;
  release(): void;
} {
  const controller = new AbortController();
  let wanted = signals.length;
  const onAbort = (): void => {
    wanted--;
    if (wanted === 0) controller.abort();
  };
  for (const signal of signals) signal?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) signal?.removeEventListener('abort', onAbort);
    },
  };
}

function isPassing(error: unknown): boolean {
  return !isAbort(error) && error instanceof JmapFailure && (error.kind === 'offline' || error.kind === 'busy');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
