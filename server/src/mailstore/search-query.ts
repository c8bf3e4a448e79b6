import type { IndexSet } from './search/index-set.js';

/**
 * What can be asked of a mailbox: one tree for IMAP SEARCH (RFC 9051 6.4.4) and JMAP Email/query. Strings are compared as
 * substrings after case and accent folding of the *decoded* text (store.md section 7).
 */
export type SearchQuery =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly of: readonly SearchQuery[] }
  | { readonly kind: 'not'; readonly of: SearchQuery }
  /** A system flag or keyword by name. */
  | { readonly kind: 'flag'; readonly flag: string; readonly set: boolean }
  /** Ascending disjoint inclusive ranges, `*` already resolved against the session's view. */
  | { readonly kind: 'uid' | 'sequence'; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly kind: 'larger' | 'smaller'; readonly bytes: number }
  /** `day` counts from 1970-01-01; time and zone are disregarded (RFC 9051 6.4.4). */
  | { readonly kind: 'internalDate' | 'sentDate'; readonly is: 'before' | 'on' | 'since'; readonly day: number }
  /** RFC 5032: at least (older) or less than (younger) so many seconds old. */
  | { readonly kind: 'older' | 'younger'; readonly seconds: number }
  /** An empty value asks whether the field is there. FROM, TO, CC, BCC, SUBJECT are this with their name. `whole`: the value is
   *  one of the field's addresses, not a part of its text. */
  | { readonly kind: 'header'; readonly field: string; readonly value: string; readonly whole?: true }
  /** BODY: the decoded text of the message without its header; TEXT: header and body; `shown`: body and what people see of a header. */
  | { readonly kind: 'body' | 'text' | 'shown'; readonly value: string }
  | { readonly kind: 'modseq'; readonly since: number }
  /** What the caller answers itself: the candidates that match, which are not changed. `cost` as of `evaluate`: 0 to 3. */
  | {
      readonly kind: 'rows';
      readonly cost: number;
      among(candidates: IndexSet, signal?: AbortSignal): IndexSet | Promise<IndexSet>;
    };
