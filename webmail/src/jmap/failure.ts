/**
 * Why a call to the server came to nothing, in the five ways that matter to whoever asked: nobody answered, the session is
 * over, the server is busy, the request was refused as a whole, or one method said no (RFC 8620 3.6).
 */
export type FailureKind = 'offline' | 'signedOut' | 'busy' | 'refused' | 'method';

export class JmapFailure extends Error {
  readonly kind: FailureKind;
  /** The error type of RFC 8620 where there is one: `cannotCalculateChanges`, `stateMismatch` ... */
  readonly type: string;
  /** What the server asks us to wait, when it does. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: FailureKind, type: string, description: string, retryAfterMs?: number) {
    super(description);
    this.kind = kind;
    this.type = type;
    this.retryAfterMs = retryAfterMs;
  }
}

export function isFailure(error: unknown, ...types: readonly string[]): error is JmapFailure {
  return error instanceof JmapFailure && (types.length === 0 || types.includes(error.type));
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
