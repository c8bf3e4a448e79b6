import type { BoxDocument, RootDocument } from '../../database/documents.js';
import type { Segments } from '../../database/segments.js';
import { type AccountState, applyEntry, type BoxState, stateOfRoot } from '../account-state.js';
import { seenBit } from '../flags.js';
import type { Entry } from '../log-entry.js';
import { Columns, type Rows } from '../mailbox-columns.js';
import { lineageOf, readSpilled, replay, rowsOfSegment, type SpilledRows, segmentsOf } from '../mailbox-loader.js';
import type { FindingList } from './finding.js';

/**
 * Store design 9.2, 9.3 and 9.5: the segments that the root lists are whole and say what the root says of them; every
 * total, of the root and after the last entry, is counted again from the messages; the mailboxes do not contradict each
 * other.
 */
export interface BoxCheck {
  readonly state: AccountState;
  /** Columns of each mailbox at the last entry. */
  readonly columns: ReadonlyMap<string, Columns>;
  /** False when totals of the root itself are wrong and everything else of it is right: a recount mends it. */
  readonly rootTotals: boolean;
}

const allColumns = ['uid', 'flags', 'kw1', 'kw2', 'kw3', 'mod', 'id', 'size', 'date', 'thread', 'slot'] as const;

export async function checkBoxes(
  segments: Segments,
  root: RootDocument,
  tail: readonly Entry[],
  found: FindingList,
): Promise<BoxCheck> {
  checkNames(root, found);
  const folded = new Map<string, Columns>();
  let rootTotals = true;
  for (const box of root.boxes) {
    const columns = await readBox(segments, root, box, found);
    if (columns === undefined) continue;
    folded.set(box.id, columns);
    rootTotals = compareTotals('the root', box, columns, found) && rootTotals;
  }
  const sum = root.boxes.reduce((bytes, box) => bytes + box.by, 0);
  if (root.use !== sum) {
    rootTotals = false;
    found.add('totals', `the root says ${root.use} octets, its mailboxes hold ${sum}`);
  }
  const spilled = await readTailSegments(segments, root._id, tail, found);
  const state = applyTail(root, tail, found);
  const columns = new Map<string, Columns>();
  for (const box of state.boxes.values()) {
    const lineage = lineageOf(box.id, tail);
    const base = lineage.base === undefined ? undefined : folded.get(lineage.base);
    if (base === undefined && segmentsOf(lineage, root).length > 0) continue;
    const current = base?.fork() ?? new Columns(0, true);
    try {
      replay(current, lineage, tail, spilled);
    } catch (error) {
      found.add('log', `${nameOf(box)}: the entries cannot be applied: ${String(error)}`);
      continue;
    }
    columns.set(box.id, current);
    if (tail.length > 0) compareTotals(`entry ${state.n}`, box, current, found);
  }
  return { state, columns, rootTotals };
}

const nameOf = (box: { readonly id: string; readonly path: string }): string => `${box.path} (${box.id})`;

/** Store design 9.5. */
function checkNames(root: RootDocument, found: FindingList): void {
  const paths = new Set<string>();
  const validities = new Set<number>();
  for (const box of root.boxes) {
    if (paths.has(box.path)) found.add('root', `two mailboxes are called ${box.path}`);
    if (validities.has(box.uv)) found.add('root', `${nameOf(box)} shares its UIDVALIDITY ${box.uv} with another`);
    if (box.uv > root.uv)
      found.add('root', `${nameOf(box)} has UIDVALIDITY ${box.uv}, the highest given is ${root.uv}`);
    paths.add(box.path);
    validities.add(box.uv);
  }
  if (!paths.has('INBOX')) found.add('root', 'there is no INBOX');
}

/** Undefined when a segment is missing or cannot be read: what is built on it would only repeat the finding. */
async function readBox(
  segments: Segments,
  root: RootDocument,
  box: BoxDocument,
  found: FindingList,
): Promise<Columns | undefined> {
  const columns = new Columns(64, true);
  for (const line of box.segs) {
    const [segment] = (await segments.load(root._id, [line.s], [...allColumns])) ?? [];
    if (segment === undefined) {
      found.add('segment', `${nameOf(box)}: segment ${line.s} is missing`);
      return undefined;
    }
    let rows: Rows;
    try {
      rows = rowsOfSegment(segment, true);
    } catch (error) {
      found.add('segment', `${nameOf(box)}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
    const [lo, hi] = [rows.uid[0], rows.uid[rows.count - 1]];
    if (rows.count !== line.c || lo !== line.lo || hi !== line.hi) {
      found.add(
        'segment',
        `${nameOf(box)}: segment ${line.s} holds ${rows.count} (${lo}-${hi}), listed as ${line.c} (${line.lo}-${line.hi})`,
      );
    }
    columns.append(rows);
  }
  checkRows(`${nameOf(box)} in segments`, columns, box.un, root.n, found);
  return columns;
}

function checkRows(name: string, columns: Columns, uidNext: number, n: number, found: FindingList): void {
  for (let i = 0; i < columns.count; i++) {
    const uid = columns.uid[i] ?? 0;
    if (uid === 0 || (i > 0 && uid <= (columns.uid[i - 1] ?? 0)))
      found.add('segment', `${name}: UID ${uid} is out of order`);
    if (uid >= uidNext) found.add('segment', `${name}: UID ${uid} is not below UIDNEXT ${uidNext}`);
    if ((columns.modseq[i] ?? 0) > n) found.add('segment', `${name}: UID ${uid} has a modseq above ${n}`);
  }
}

export interface Recount {
  readonly ex: number;
  readonly us: number;
  readonly fs: number;
  readonly by: number;
}

/** The totals of a mailbox, counted from its messages. */
export function recount(columns: Columns): Recount {
  let us = 0;
  let by = 0;
  for (let i = 0; i < columns.count; i++) {
    if (((columns.flags[i] ?? 0) & seenBit) === 0) us++;
    by += columns.cold?.size[i] ?? 0;
  }
  return { ex: columns.count, us, fs: columns.firstUnseen(0), by };
}

/** True if all is as stated. */
function compareTotals(by: string, box: BoxState | BoxDocument, columns: Columns, found: FindingList): boolean {
  const counted = recount(columns);
  const last = columns.uid[columns.count - 1] ?? 0;
  let right = true;
  for (const key of ['ex', 'us', 'fs', 'by'] as const) {
    if (box[key] === counted[key]) continue;
    right = false;
    found.add('totals', `${nameOf(box)}: ${by} says ${key} ${box[key]}, counted ${counted[key]}`);
  }
  if (columns.count > 0 && last >= box.un) {
    right = false;
    found.add('totals', `${nameOf(box)}: ${by} says UIDNEXT ${box.un}, UID ${last} is there`);
  }
  return right;
}

async function readTailSegments(
  segments: Segments,
  account: string,
  tail: readonly Entry[],
  found: FindingList,
): Promise<SpilledRows> {
  const spilled: SpilledRows = new WeakMap();
  for (const entry of tail) {
    for (const op of entry.ops) {
      if (op.o !== 'adds' || op.segs === undefined) continue;
      const rows = await readSpilled(segments, account, op, entry.n);
      if (rows === undefined) found.add('segment', `entry ${entry.n}: segments ${op.segs.join(', ')} are missing`);
      else spilled.set(op, rows);
    }
  }
  return spilled;
}

function applyTail(root: RootDocument, tail: readonly Entry[], found: FindingList): AccountState {
  let state = stateOfRoot(root);
  for (const entry of tail) {
    // A gap is the log's finding; what lies behind it is not what the account is.
    if (entry.n !== state.n + 1) return state;
    state = applyEntry(state, entry);
    let sum = 0;
    for (const box of state.boxes.values()) sum += box.by;
    if (state.use !== sum) found.add('totals', `entry ${entry.n} says ${state.use} octets, its mailboxes hold ${sum}`);
  }
  return state;
}
