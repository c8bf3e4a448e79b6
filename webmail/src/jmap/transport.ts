/**
 * The one way to the server. Every request carries the header that a foreign page cannot send (`X-Vaguemestre`), stays on
 * our origin, and is never kept by the browser's cache. What goes wrong becomes a `JmapFailure`; an abort stays an abort.
 */
import type { Response as JmapResponse, Request, Session } from '@vaguemestre/shared/jmap/core';
import { isAbort, JmapFailure } from './failure.js';

export type Post = (request: Request, signal?: AbortSignal) => Promise<JmapResponse>;

export interface AskOptions {
  readonly method?: string;
  readonly body?: BodyInit;
  readonly type?: string;
  readonly signal?: AbortSignal | undefined;
}

/** A request to any path of our own service, for JMAP and for `/api`. */
export async function ask(path: string, options: AskOptions = {}): Promise<Response> {
  const headers: Record<string, string> = { 'X-Vaguemestre': '1', Accept: 'application/json' };
  if (options.type !== undefined) headers['Content-Type'] = options.type;
  let response: Response;
  try {
    response = await fetch(path, {
      method: options.method ?? 'GET',
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      ...(options.body === undefined ? {} : { body: options.body }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new JmapFailure('offline', 'offline', 'The service does not answer.');
  }
  if (response.ok) return response;
  throw await failureOf(response);
}

async function failureOf(response: Response): Promise<JmapFailure> {
  const problem = await problemOf(response);
  const description = problem.detail ?? problem.title ?? `HTTP ${response.status}`;
  if (response.status === 401) return new JmapFailure('signedOut', 'signedOut', description);
  if (response.status === 429 || response.status === 502 || response.status === 503 || response.status === 504) {
    const seconds = Number(response.headers.get('retry-after'));
    return new JmapFailure('busy', problem.type ?? 'busy', description, seconds > 0 ? seconds * 1000 : undefined);
  }
  return new JmapFailure('refused', problem.type ?? problem.code ?? 'refused', description);
}

interface Problem {
  readonly type?: string;
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    return (await response.json()) as Problem;
  } catch {
    return {}; // not a problem document: the status says enough
  }
}

export async function openSession(signal?: AbortSignal): Promise<Session> {
  const response = await ask('/jmap/session', { signal });
  return (await response.json()) as Session;
}

export function postTo(apiUrl: string): Post {
  return async (request, signal) => {
    const response = await ask(apiUrl, {
      method: 'POST',
      type: 'application/json',
      body: JSON.stringify(request),
      signal,
    });
    return (await response.json()) as JmapResponse;
  };
}
