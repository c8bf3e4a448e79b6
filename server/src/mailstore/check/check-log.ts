import type { CheckReads } from '../../database/check-reads.js';
import { changeKey, type RootDocument } from '../../database/documents.js';
import type { Entry } from '../log-entry.js';
import type { FindingList } from './finding.js';

/**
 * Store design 9.1: the entries that are kept are numbered without a gap, each names the one before it by `w`, no `w` is
 * there twice, and they meet the root. Resolves with those above the root: what a view is built from.
 */
export interface LogCheck {
  readonly tail: readonly Entry[];
  readonly entries: number;
  /** Segments that kept entries name: spilled rows, which are nobody's orphans. */
  readonly namedSegments: ReadonlySet<string>;
  /** Message ids that kept entries name, in hex: they may have gone since. */
  readonly namedMessages: ReadonlySet<string>;
}

export async function checkLog(reads: CheckReads, root: RootDocument, found: FindingList): Promise<LogCheck> {
  const account = root._id;
  const tail: Entry[] = [];
  const writers = new Set<string>();
  const namedSegments = new Set<string>();
  const namedMessages = new Set<string>();
  let previous: { readonly n: number; readonly w: string } | undefined;
  for await (const document of reads.entries(account)) {
    const entry = document as Entry;
    const name = `entry ${entry.n}`;
    if (entry._id !== changeKey(account, entry.n)) found.add('log', `${name} lies under the id ${entry._id}`);
    if (writers.has(entry.w)) found.add('log', `${name}: the writer ${entry.w} has an earlier entry`);
    writers.add(entry.w);
    if (previous !== undefined) {
      if (entry.n !== previous.n + 1) found.add('log', `${name} follows ${previous.n}: entries are missing`);
      else if (entry.p !== previous.w) found.add('log', `${name} does not name ${previous.w} as the one before it`);
    }
    if (entry.n === root.n && root.w !== '' && entry.w !== root.w) {
      found.add('log', `${name} was folded as ${root.w} and is ${entry.w}`);
    }
    for (const op of entry.ops) {
      if ((op.o === 'adds' || op.o === 'gone') && op.segs !== undefined) for (const s of op.segs) namedSegments.add(s);
      if (op.o === 'add') namedMessages.add(hex(op.id));
      if (op.o === 'adds' && op.cols !== undefined) {
        for (let i = 0; i < op.c; i++) namedMessages.add(hex(op.cols.id.subarray(12 * i, 12 * (i + 1))));
      }
    }
    if (entry.n > root.n) {
      if (tail.length === 0 && entry.n !== root.n + 1)
        found.add('log', `${name} is the first above the root at ${root.n}`);
      tail.push(entry);
    }
    previous = entry;
  }
  return { tail, entries: writers.size, namedSegments, namedMessages };
}

const hex = (octets: Uint8Array): string =>
  Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('hex');
