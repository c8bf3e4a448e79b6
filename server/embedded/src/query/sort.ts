/**
 * Sorting in memory, for what no index gives in order: bounded, and refused with MongoDB's code. With a
 * limit only that many documents are kept. Sort keys are the same order-preserving bytes as index keys.
 */

import { compareValues } from '../bson/compare.js';
import { bsonType, documentValue, Elements, type Value } from '../bson/element.js';
import { encodeKey } from '../bson/encode-key.js';
import { asNumber } from '../bson/scalar.js';
import { MongoError } from '../errors.js';
import { type Path, parsePath, someAt } from './path.js';
import type { SortField } from './plan.js';

/** Less than MongoDB's 100 MB: the last step sorts in one turn of the loop, and others wait that long. */
export const maxSortBytes = 32 * 1024 * 1024;
/** What all sorts and their open cursors may hold together. */
const maxHeldBytes = 256 * 1024 * 1024;
let heldBytes = 0;

export function parseSort(value: Value | undefined): SortField[] {
  if (value === undefined || value.type !== bsonType.object) return [];
  const fields: SortField[] = [];
  const elements = new Elements(value.buf, value.at);
  while (elements.next()) {
    const path = elements.name();
    const direction = elements.type === bsonType.object ? undefined : asNumber(elements.value());
    if (direction !== 1 && direction !== -1) {
      throw new MongoError(
        'Location15998',
        `$sort key ordering must be 1 (for ascending) or -1 (for descending): ${path}`,
      );
    }
    if (path === '' || (path.startsWith('$') && path !== '$natural')) {
      throw new MongoError('Location16410', `FieldPath field names may not start with '$': ${path}`);
    }
    fields.push({ path, descending: direction < 0 });
  }
  return fields;
}

interface Held {
  readonly key: Buffer;
  readonly document: Buffer;
}

export interface Sorter {
  /** Takes the document; a view is copied when it is kept. */
  add(document: Buffer): void;
  /** The documents in order; they count against the memory of all sorts until `release`. */
  finish(): Buffer[];
  release(): void;
}

export function createSorter(fields: readonly SortField[], keep: number): Sorter {
  const paths = fields.map(({ path, descending }) => ({ path: parsePath(path), descending }));
  const descending = fields.map((field) => field.descending);
  const held: Held[] = [];
  let bytes = 0;

  /** Sorted, cut to what may still be wanted. */
  function settle(): void {
    held.sort((a, b) => Buffer.compare(a.key, b.key));
    if (held.length > keep) held.length = keep;
    count(held.reduce((sum, { key, document }) => sum + key.length + document.length, 0) - bytes);
  }

  function count(more: number): void {
    bytes += more;
    heldBytes += more;
  }

  return {
    add(document) {
      const root = documentValue(document);
      const key = encodeKey(
        paths.map(({ path, descending: down }) => extreme(root, path, down)),
        descending,
      );
      const copy = Buffer.from(document.subarray(0, root.end));
      held.push({ key, document: copy });
      count(key.length + copy.length);
      if (bytes > maxSortBytes || heldBytes > maxHeldBytes || held.length >= keep * 2 + 1000) settle();
      if (bytes > maxSortBytes || heldBytes > maxHeldBytes) {
        throw new MongoError(
          'QueryExceededMemoryLimitNoDiskUseAllowed',
          `Sort exceeded memory limit of ${maxSortBytes} bytes, and this server does not sort on disk`,
        );
      }
    },
    finish() {
      settle();
      return held.map(({ document }) => document);
    },
    release() {
      count(-bytes);
      held.length = 0;
    },
  };
}

/** An array sorts by its least element, or its greatest when descending. */
function extreme(root: Value, path: Path, greatest: boolean): Value | undefined {
  let found: Value | undefined;
  let any = false;
  const take = (value: Value | undefined) => {
    if (!any || (greatest ? compareValues(value, found) > 0 : compareValues(value, found) < 0)) found = value;
    any = true;
  };
  someAt(root, path, (value) => {
    if (value?.type !== bsonType.array) take(value);
    else {
      const elements = new Elements(value.buf, value.at);
      let empty = true;
      while (elements.next()) {
        empty = false;
        take(elements.value());
      }
      if (empty) take({ buf: value.buf, type: bsonType.undefined, at: 0, end: 0 });
    }
    return false;
  });
  return found;
}
