import type { Insert, InsertOutcome } from './inserts.js';

/**
 * Group commit across accounts: what several accounts of a process commit while a command is under way goes out together in
 * the next one (store design section 2). A command costs its round trip and the driver's work whatever it holds, and the store
 * syncs once for it.
 *
 * One ordered command: everything that entries name, then the entries. When an entry has lost its number the command stops
 * there: those before it are durable, those behind it were not tried and go out again without what is written already. So an
 * account that loses a race costs the others a round trip and nothing else.
 */
export type GroupOutcome =
  | { readonly kind: 'committed' }
  /** Entry `index` of the request has another's number; those before it are durable. */
  | { readonly kind: 'taken'; readonly index: number }
  | { readonly kind: 'unknown'; readonly error: unknown };

export interface CommitRequest {
  readonly supports: readonly Insert[];
  /** Of one account, in order. No two requests under way are of the same account: its queue sees to that. */
  readonly entries: readonly Insert[];
  /** About how many octets the supports are. */
  readonly bytes: number;
}

interface Waiting extends CommitRequest {
  readonly resolve: (outcome: GroupOutcome) => void;
}

const maxRequests = 64;
const maxBytes = 4 * 1024 * 1024;
const committed: GroupOutcome = { kind: 'committed' };

/** `write` sends one ordered command. */
export function commitGroups(
  write: (list: readonly Insert[]) => Promise<InsertOutcome>,
): (request: CommitRequest) => Promise<GroupOutcome> {
  let waiting: Waiting[] = [];
  let busy = false;

  function take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < waiting.length && count < maxRequests) {
      bytes += waiting[count]!.bytes;
      if (count > 0 && bytes > maxBytes) break;
      count++;
    }
    return waiting.splice(0, count);
  }

  async function send(group: readonly Waiting[]): Promise<void> {
    const supports = group.flatMap((request) => request.supports);
    const entries = group.flatMap((request) => request.entries);
    const outcome = await write([...supports, ...entries]);
    if (outcome.kind === 'inserted') {
      for (const { resolve } of group) resolve(committed);
      return;
    }
    const first = outcome.kind === 'duplicates' ? outcome.indexes[0]! : 0;
    if (outcome.kind === 'duplicates' && first >= supports.length) settle(group, first - supports.length);
    else {
      // A duplicate among the supports is an earlier attempt of the driver or of ours: nothing is known of the entries.
      const error = outcome.kind === 'unknown' ? outcome.error : new Error('written before');
      for (const { resolve } of group) resolve({ kind: 'unknown', error });
    }
  }

  function settle(group: readonly Waiting[], failed: number): void {
    let start = 0;
    for (const [i, request] of group.entries()) {
      const end = start + request.entries.length;
      if (end <= failed) request.resolve(committed);
      else {
        request.resolve({ kind: 'taken', index: failed - start });
        const untried = group.slice(i + 1).map((one) => ({ ...one, supports: [], bytes: 0 }));
        waiting = [...untried, ...waiting];
        return;
      }
      start = end;
    }
  }

  async function work(): Promise<void> {
    while (waiting.length > 0) await send(take());
    busy = false;
  }

  return (request) =>
    new Promise((resolve) => {
      waiting.push({ ...request, resolve });
      if (busy) return;
      busy = true;
      void work();
    });
}
