import type { Ranges } from './sequence-set.js';

/** RFC 7162 3.2.5. Ranges hold no `*`. */
export interface QresyncParameter {
  readonly uidValidity: number;
  readonly modseq: number;
  readonly knownUids: Ranges | undefined;
  readonly match: { readonly sequences: Ranges; readonly uids: Ranges } | undefined;
}

/** SELECT and EXAMINE (RFC 9051 6.3.2, 6.3.3). */
export interface SelectCommand {
  readonly kind: 'select';
  readonly mailbox: string;
  /** EXAMINE. */
  readonly readOnly: boolean;
  readonly condstore: boolean;
  readonly qresync: QresyncParameter | undefined;
}
