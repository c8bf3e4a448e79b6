import type { Partial, Section } from './section.js';
import type { SequenceSet } from './sequence-set.js';

/** One thing to fetch (RFC 9051 6.4.5; RFC 3501's RFC822 forms; RFC 7162 MODSEQ; RFC 8474 ids). Macros are already expanded. */
export type FetchItem =
  | {
      readonly kind:
        | 'flags'
        | 'uid'
        | 'internalDate'
        | 'size'
        | 'modseq'
        | 'envelope'
        /** BODYSTRUCTURE. */
        | 'bodyStructure'
        /** BODY: the structure without extension data. */
        | 'body'
        | 'emailId'
        | 'threadId';
    }
  | {
      readonly kind: 'section';
      readonly section: Section;
      /** Without peek, fetching sets \Seen. */
      readonly peek: boolean;
      readonly partial: Partial | undefined;
      /** How the answer names it: `BODY[HEADER.FIELDS (From To)]<0>`, `RFC822.HEADER` ... ASCII. */
      readonly name: string;
    }
  | {
      /** RFC 9051 6.4.5 / RFC 3516 BINARY[1.2]. */
      readonly kind: 'binary';
      readonly part: readonly number[];
      readonly peek: boolean;
      readonly partial: Partial | undefined;
      readonly name: string;
    }
  | { readonly kind: 'binarySize'; readonly part: readonly number[]; readonly name: string };

export interface FetchCommand {
  readonly kind: 'fetch';
  readonly uid: boolean;
  readonly set: SequenceSet;
  /** In the order asked for, without repetitions. UID FETCH: `uid` is not added here; the session adds it. */
  readonly items: readonly FetchItem[];
  /** RFC 7162 3.1.4.1. A client that sends 0 (iOS does) is taken at its word. */
  readonly changedSince: number | undefined;
  /** RFC 7162 3.2.6: only with UID and CHANGEDSINCE. */
  readonly vanished: boolean;
}
