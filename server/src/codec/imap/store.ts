import type { SequenceSet } from './sequence-set.js';

/** RFC 9051 6.4.6, RFC 7162 3.1.3. */
export interface StoreCommand {
  readonly kind: 'store';
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly mode: 'add' | 'remove' | 'replace';
  readonly silent: boolean;
  /** System flags in their usual spelling, keywords as written, no repetitions; \Recent was left out. */
  readonly flags: readonly string[];
  readonly unchangedSince: number | undefined;
}
