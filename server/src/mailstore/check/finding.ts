import type { AccountId } from '../../kernel/ids.js';

/** Something in the store that must not be so (store design section 9). */
export interface Finding {
  readonly account: AccountId;
  readonly kind: FindingKind;
  /** Names what is wrong by id, for a person who has to look. */
  readonly says: string;
}

export const findingKinds = [
  'root', // the root itself: missing, or its mailboxes contradict each other
  'log', // an entry missing, twice, or out of its chain
  'segment', // a segment missing or damaged
  'totals', // counts, sizes, unseen or UIDNEXT that a recount does not give
  'message', // a message that is listed and is not there
  'content', // octets missing, or not those that were handed over
  'owner', // a shared content that does not know an account that names it
  'derived', // a card that shows something else, a signature that makes a search miss
] as const;
export type FindingKind = (typeof findingKinds)[number];

export interface AccountCheck {
  readonly account: AccountId;
  readonly findings: readonly Finding[];
  readonly mailboxes: number;
  readonly messages: number;
  readonly entries: number;
  /** Octets of contents that were read and compared with their SHA-256. */
  readonly verifiedBytes: number;
  /** Documents that nothing names: left by crashes, for the collector. Not a fault. */
  readonly orphans: { readonly messages: number; readonly segments: number; readonly contents: number };
}

/** Collects findings; after so many of one account the rest says nothing new. */
export interface FindingList {
  readonly list: readonly Finding[];
  add(kind: FindingKind, says: string): void;
}

const maxFindings = 1_000;

export function findingList(account: AccountId): FindingList {
  const list: Finding[] = [];
  return {
    list,
    add(kind, says) {
      if (list.length < maxFindings) list.push({ account, kind, says });
    },
  };
}
