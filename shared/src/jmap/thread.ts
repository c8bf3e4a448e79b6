/** RFC 8621 section 3: threads. */
import type { Id } from './core.js';

export interface Thread {
  readonly id: Id;
  /** Oldest first by receivedAt. */
  readonly emailIds: readonly Id[];
}
