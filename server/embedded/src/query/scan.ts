/**
 * Reading documents along a plan. Nothing is held between turns of the loop: `pause` lets go of the tree and remembers the
 * key, and the next call goes on behind it, so a slow reader pins no pages and sees what is committed by then.
 *
 * What `next` gives is a view that the next read overwrites.
 */
import type { Collection } from '../engine/catalog.js';
import { bareDocument } from '../engine/documents.js';
import type { Engine } from '../engine/engine.js';
import { indexKeys, indexPrefix } from '../engine/index-keys.js';
import type { Entry, TreeName } from '../engine/storage.js';
import { MongoError } from '../errors.js';
import type { Interval } from './bounds.js';
import { matchesBytes } from './filter.js';
import type { Plan } from './plan.js';

export interface Scan {
  /** The next document that matches, as stored; undefined when there is none left (`done`) or `outOfTime` became true. */
  next(): Buffer | undefined;
  /** Key of the document given last; valid as long as it. */
  key(): Buffer;
  readonly done: boolean;
  pause(): void;
}

/** How many entries are looked at between two looks at the clock. */
const entriesPerLook = 64;

/** Whether one of the intervals, which are in order and do not overlap, holds the key. */
function isCovered(intervals: readonly Interval[], key: Buffer): boolean {
  let low = 0;
  let high = intervals.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const { from, to } = intervals[middle]!;
    if (Buffer.compare(key, from) < 0) high = middle - 1;
    else if (Buffer.compare(key, to) >= 0) low = middle + 1;
    else return true;
  }
  return false;
}

export function openScan(engine: Engine, collection: Collection, plan: Plan, outOfTime: () => boolean): Scan {
  const { storage, catalog } = engine;
  const { index, reverse, residual } = plan;
  const tree: TreeName = index ? 'index' : 'docs';
  const intervals = reverse ? [...plan.intervals].reverse() : plan.intervals;
  const noResidual = residual.kind === 'and' && residual.parts.length === 0;
  const multikey = index?.multikey === true;
  let at = 0;
  let entries: Iterator<Entry> | undefined;
  let behind: Buffer | undefined;
  let last: Buffer | undefined;
  let key: Buffer | undefined;
  let looked = 0;

  /** What is read may have been dropped between two turns: an answer that stops short would look like a whole one. */
  function checkThere(): void {
    const current = catalog.get(collection.namespace);
    const there = current?.id === collection.id && (!index || current.indexes.some(({ id }) => id === index.id));
    if (!there) throw new MongoError('QueryPlanKilled', `collection or index of ${collection.namespace} was dropped`);
  }

  function open(interval: Interval): Iterator<Entry> {
    checkThere();
    let { from, to } = interval;
    if (behind !== undefined) {
      if (reverse) to = behind;
      // The least key above another is that key and a zero.
      else from = Buffer.concat([behind, Buffer.alloc(1)]);
    }
    return storage.scan(tree, { from, to, reverse });
  }

  function documentOf(entry: Entry): Buffer | undefined {
    if (index === undefined) {
      key = entry.key;
      return entry.value;
    }
    key = Buffer.allocUnsafe(4 + entry.value.length);
    key.writeUInt32BE(collection.id);
    entry.value.copy(key, 4);
    if (!multikey) return storage.peek('docs', key);
    const document = storage.get('docs', key);
    return document && isFirstOf(document, last!) ? document : undefined;
  }

  /** A document with several keys in the intervals is given once, for the key that is read first. */
  function isFirstOf(document: Buffer, entry: Buffer): boolean {
    const prefix = indexPrefix(index!);
    const values = entry.subarray(4, entry.length - (key!.length - 4));
    for (const other of indexKeys(index!, bareDocument(document)).keys) {
      const order = Buffer.compare(other, values);
      if (reverse ? order <= 0 : order >= 0) continue;
      const full = Buffer.concat([prefix, other, key!.subarray(4)]);
      if (isCovered(plan.intervals, full)) return false;
    }
    return true;
  }

  return {
    get done() {
      return at >= intervals.length;
    },
    key: () => key!,
    next() {
      while (at < intervals.length) {
        if (++looked % entriesPerLook === 0 && outOfTime()) return undefined;
        const interval = intervals[at]!;
        if (interval.point) {
          at++;
          const document = storage.peek('docs', interval.from);
          if (document === undefined) continue;
          key = interval.from;
          if (noResidual || matchesBytes(residual, document)) return document;
          continue;
        }
        entries ??= open(interval);
        const step = entries.next();
        if (step.done) {
          at++;
          entries = undefined;
          behind = undefined;
          last = undefined;
          continue;
        }
        // Looking up the document behind an index entry overwrites the view of the entry's key.
        last = index === undefined ? step.value.key : Buffer.from(step.value.key);
        const document = documentOf(step.value);
        if (document !== undefined && (noResidual || matchesBytes(residual, document))) return document;
      }
      return undefined;
    },
    pause() {
      if (entries === undefined) return;
      entries.return?.();
      entries = undefined;
      if (last !== undefined) behind = Buffer.from(last);
      last = undefined;
    },
  };
}
