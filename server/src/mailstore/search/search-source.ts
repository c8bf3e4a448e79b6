import type { MessageCard, MessageOctets } from '../content.js';
import type { FlagWords } from '../flags.js';
import type { SearchRows } from '../mailbox.js';
import type { IndexSet } from './index-set.js';

/** What a search reads: a list of messages and the ways to them. */
export interface SearchSource {
  readonly view: SearchRows;
  /** Mask of a flag name, undefined for a keyword that no message can have. */
  maskOf(flag: string): FlagWords | undefined;
  cards(indexes: Uint32Array): AsyncIterable<readonly MessageCard[]>;
  contents(indexes: Uint32Array): AsyncIterable<MessageOctets>;
  /** Removes from `candidates` what surely has not `needle` (folded) in its header or text: never one that has it. */
  exclude(needle: Uint8Array, candidates: IndexSet): Promise<void>;
  /** Seconds since 1970, for OLDER and YOUNGER. */
  readonly now: number;
}
