import type { SequenceSet } from './sequence-set.js';

/**
 * The tree of a SEARCH program (RFC 9051 6.4.4, RFC 3501 6.4.4, RFC 5032, RFC 7162 3.1.5, RFC 8474 7). Strings are
 * decoded from the command's charset. At most `maxNesting` deep. RECENT and NEW never match here and OLD always does,
 * because \Recent is not kept (RFC 9051 dropped it); they arrive as `none` and `all`.
 */
export type SearchKey =
  | { readonly kind: 'all' | 'none' }
  /** A list in parentheses, or the keys of the program one after another. */
  | { readonly kind: 'and'; readonly of: readonly SearchKey[] }
  | { readonly kind: 'or'; readonly of: readonly [SearchKey, SearchKey] }
  | { readonly kind: 'not'; readonly of: SearchKey }
  | { readonly kind: 'flag'; readonly flag: string; readonly set: boolean }
  /** Sequence numbers, or `$` (the saved result, RFC 9051 6.4.4.1). */
  | { readonly kind: 'sequence'; readonly set: SequenceSet }
  | { readonly kind: 'uid'; readonly set: SequenceSet }
  | { readonly kind: 'larger' | 'smaller'; readonly bytes: number }
  /** `day` counts from 1970-01-01. */
  | { readonly kind: 'internalDate' | 'sentDate'; readonly is: 'before' | 'on' | 'since'; readonly day: number }
  | { readonly kind: 'older' | 'younger'; readonly seconds: number }
  | { readonly kind: 'header'; readonly field: string; readonly value: string }
  | { readonly kind: 'body' | 'text'; readonly value: string }
  /** RFC 7162 3.1.5; the entry name is accepted and means nothing here: modseq is one number a message. */
  | { readonly kind: 'modseq'; readonly since: number }
  | { readonly kind: 'emailId' | 'threadId'; readonly id: string };

/** RFC 9051 6.4.4, RFC 4731, RFC 5182. `RETURN ()` is ALL. */
export interface SearchReturn {
  readonly min: boolean;
  readonly max: boolean;
  readonly all: boolean;
  readonly count: boolean;
  readonly save: boolean;
}

export interface SearchCommand {
  readonly kind: 'search';
  readonly uid: boolean;
  /** undefined: no RETURN was written; a SEARCH response in rev1, ESEARCH ALL in rev2. */
  readonly return: SearchReturn | undefined;
  readonly key: SearchKey;
  /** Some key is MODSEQ: enables CONDSTORE, and the answer carries MODSEQ (RFC 7162 3.1.5). */
  readonly usesModseq: boolean;
}
