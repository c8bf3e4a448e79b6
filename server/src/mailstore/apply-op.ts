import type { AddOp, AddsOp, FlagOp } from './log-entry.js';
import { type Columns, idBytes, type Rows, threadBytes } from './mailbox-columns.js';

/**
 * What an op of the log does to the columns of a mailbox. Used alike for the shared views of a process, for the draft that a
 * batch of commands is computed on, and for the fold: one truth about what an entry means.
 */

/** Octets of little-endian u32 as numbers; a copy, because octets that came over the wire lie at any offset. */
export function u32Column(octets: Uint8Array): Uint32Array {
  const column = new Uint32Array(octets.byteLength >>> 2);
  new Uint8Array(column.buffer).set(octets.subarray(0, 4 * column.length));
  return column;
}

/** The octets of a column as they are stored. Platforms on which Node.js runs are little-endian. */
export function octetsOf(column: Uint32Array, count = column.length): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, 4 * count).slice();
}

export function rowsOfAdd(op: AddOp, modseq: number): Rows {
  const word = (i: number): Uint32Array | undefined => {
    const value = op.kw?.[i] ?? 0;
    return value === 0 ? undefined : Uint32Array.of(value);
  };
  return {
    count: 1,
    uid: Uint32Array.of(op.uid),
    flags: Uint32Array.of(op.flags),
    keywords: [word(0), word(1), word(2)],
    modseq: Float64Array.of(modseq),
    cold: {
      id: op.id,
      size: Uint32Array.of(op.size),
      date: Uint32Array.of(op.date),
      thread: op.thread,
      slot: Uint32Array.of(op.slot),
    },
  };
}

/** Of an op whose columns are in the entry. */
export function rowsOfAdds(op: AddsOp, modseq: number): Rows {
  const cols = op.cols;
  if (cols === undefined) throw new TypeError('the columns of a spilled op must be read first');
  const uid = new Uint32Array(op.c);
  for (let i = 0; i < op.c; i++) uid[i] = op.lo + i;
  return {
    count: op.c,
    uid,
    flags: u32Column(cols.flags),
    keywords: [optional(cols.kw1), optional(cols.kw2), optional(cols.kw3)],
    modseq: new Float64Array(op.c).fill(modseq),
    cold: {
      id: cols.id.subarray(0, idBytes * op.c),
      size: u32Column(cols.size),
      date: u32Column(cols.date),
      thread: cols.thread.subarray(0, threadBytes * op.c),
      slot: u32Column(cols.slot),
    },
  };
}

function optional(octets: Uint8Array | undefined): Uint32Array | undefined {
  return octets === undefined ? undefined : u32Column(octets);
}

/** Sets the flags of the messages at `indexes`. */
export function applyFlags(columns: Columns, indexes: Uint32Array, op: FlagOp, modseq: number): void {
  const { on, off } = op;
  for (const index of indexes) {
    columns.flags[index] = (columns.flags[index]! & ~off) | on;
    columns.modseq[index] = modseq;
  }
  for (let word = 0; word < 3; word++) {
    const wordOn = op.kon?.[word] ?? 0;
    const wordOff = op.koff?.[word] ?? 0;
    if (wordOn === 0 && (wordOff === 0 || columns.keywords[word] === undefined)) continue;
    const column = columns.keywordColumn(word);
    for (const index of indexes) column[index] = (column[index]! & ~wordOff) | wordOn;
  }
}
