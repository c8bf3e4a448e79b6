/** RFC 9051 6.3.11, RFC 3501 (RECENT), RFC 7162 (HIGHESTMODSEQ), RFC 7889 (APPENDLIMIT), RFC 8474 (MAILBOXID). */
export type StatusItem =
  | 'messages'
  | 'recent'
  | 'uidNext'
  | 'uidValidity'
  | 'unseen'
  | 'deleted'
  | 'size'
  | 'highestModseq'
  | 'appendLimit'
  | 'mailboxId';

export interface StatusCommand {
  readonly kind: 'status';
  readonly mailbox: string;
  /** In the order asked for, without repetitions, at least one. */
  readonly items: readonly StatusItem[];
}
