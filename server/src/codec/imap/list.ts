import type { StatusItem } from './status.js';

/** RFC 9051 6.3.9.1 (RFC 5258), RFC 6154. */
export interface ListSelect {
  readonly subscribed: boolean;
  readonly remote: boolean;
  /** Only together with SUBSCRIBED or SPECIAL-USE (RFC 5258 3.1). */
  readonly recursiveMatch: boolean;
  readonly specialUse: boolean;
}

/** RFC 9051 6.3.9.2, RFC 5819, RFC 6154. */
export interface ListReturn {
  readonly subscribed: boolean;
  readonly children: boolean;
  readonly specialUse: boolean;
  readonly status: readonly StatusItem[] | undefined;
}

export interface ListCommand {
  readonly kind: 'list';
  /** Decoded; joined with each pattern by `listPattern` of mailbox-name.ts. */
  readonly reference: string;
  /** Decoded patterns with `%` and `*`; one unless written in parentheses. */
  readonly patterns: readonly string[];
  /** undefined: no selection options were written (`()` is all false). */
  readonly select: ListSelect | undefined;
  readonly return: ListReturn | undefined;
}

/** RFC 3501 6.3.9. */
export interface LsubCommand {
  readonly kind: 'lsub';
  readonly reference: string;
  readonly pattern: string;
}
