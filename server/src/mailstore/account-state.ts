import type { BoxTotals, RootDocument } from '../database/documents.js';
import type { Entry, Op } from './log-entry.js';

/**
 * What an account is at entry `n`, without its messages: mailboxes, totals, keywords, subscriptions. A value: it is never
 * changed, the next state is a new one that shares what did not change.
 */
export interface BoxState {
  readonly id: string;
  readonly path: string;
  readonly role: string | undefined;
  readonly sub: boolean;
  readonly uv: number;
  readonly un: number;
  readonly hm: number;
  readonly ex: number;
  readonly us: number;
  readonly fs: number;
  readonly by: number;
  readonly sl: number;
  /** Sort order among its siblings (RFC 8621 2). */
  readonly so: number;
}

export interface AccountState {
  readonly n: number;
  /** The `w` of entry `n`. */
  readonly w: string;
  readonly boxes: ReadonlyMap<string, BoxState>;
  /** Mailbox ids by path. */
  readonly paths: ReadonlyMap<string, string>;
  readonly keywords: readonly string[];
  /** Names subscribed to without a mailbox. */
  readonly subs: ReadonlySet<string>;
  readonly use: number;
  readonly blocks: number;
  /** Highest UIDVALIDITY ever given. */
  readonly uv: number;
}

export function stateOfRoot(root: RootDocument): AccountState {
  const boxes = new Map<string, BoxState>();
  const paths = new Map<string, string>();
  for (const { segs: _segs, role, so = 0, ...box } of root.boxes) {
    boxes.set(box.id, { ...box, role, so });
    paths.set(box.path, box.id);
  }
  return {
    n: root.n,
    w: root.w,
    boxes,
    paths,
    keywords: root.keywords,
    subs: new Set(root.subs),
    use: root.use,
    blocks: root.blocks,
    uv: root.uv,
  };
}

/** The path of a mailbox after the mailbox `from` became `to`; undefined when the mailbox is not of that tree. */
export function movedPath(path: string, from: string, to: string): string | undefined {
  if (path === from) return to;
  return path.startsWith(`${from}/`) ? to + path.slice(from.length) : undefined;
}

/**
 * The fold: the state after an entry, the same in every process (store design, first paragraph). Pure. The entry must be
 * number `state.n + 1`.
 */
export function applyEntry(state: AccountState, entry: Entry): AccountState {
  if (entry.n !== state.n + 1) throw new RangeError(`entry ${entry.n} does not follow ${state.n}`);
  const next = {
    n: entry.n,
    w: entry.w,
    boxes: new Map(state.boxes),
    paths: state.paths,
    keywords: state.keywords,
    subs: state.subs,
    use: entry.use,
    blocks: entry.blocks,
    uv: state.uv,
  };
  let moved = false;
  for (const op of entry.ops) moved = applyOp(next, op) || moved;
  for (const totals of entry.after) applyTotals(next.boxes, totals, entry.n);
  if (moved) next.paths = new Map([...next.boxes.values()].map((box) => [box.path, box.id]));
  return next;
}

type Writable = { -readonly [K in keyof AccountState]: AccountState[K] } & { boxes: Map<string, BoxState> };

/** True when a path appeared, changed or went. */
function applyOp(next: Writable, op: Op): boolean {
  switch (op.o) {
    case 'box': {
      const old = next.boxes.get(op.id);
      const totals = old ?? { un: 1, hm: next.n, ex: 0, us: 0, fs: 0, by: 0, sl: 0 };
      const { id, path, role, sub, uv, so = 0 } = op;
      next.boxes.set(id, { ...totals, id, path, role, sub, uv, so });
      next.uv = Math.max(next.uv, op.uv);
      // A name that was subscribed to without a mailbox has one now: the mailbox carries the mark.
      if (next.subs.has(op.path)) next.subs = without(next.subs, op.path);
      return true;
    }
    case 'drop': {
      const box = next.boxes.get(op.box);
      if (box === undefined) return false;
      next.boxes.delete(op.box);
      // RFC 3501 6.3.6: the subscription outlives the mailbox.
      if (box.sub) next.subs = new Set(next.subs).add(box.path);
      return true;
    }
    case 'tree':
      for (const box of next.boxes.values()) {
        const path = movedPath(box.path, op.from, op.to);
        if (path !== undefined) next.boxes.set(box.id, { ...box, path });
      }
      return true;
    case 'sub': {
      const box = [...next.boxes.values()].find((one) => one.path === op.path);
      if (box !== undefined) next.boxes.set(box.id, { ...box, sub: op.on });
      else next.subs = op.on ? new Set(next.subs).add(op.path) : without(next.subs, op.path);
      return false;
    }
    case 'kw': {
      const keywords = [...next.keywords];
      keywords[op.bit] = op.name;
      next.keywords = keywords;
      return false;
    }
    case 'add':
    case 'adds':
    case 'flag':
    case 'gone':
    case 'take':
      // What they do to totals is in `after`.
      return false;
    default:
      // An op of a newer version: going on without it would show a state that never was.
      throw new TypeError(`unknown operation ${(op as { o?: unknown }).o} in entry ${next.n}`);
  }
}

function applyTotals(boxes: Map<string, BoxState>, totals: BoxTotals, n: number): void {
  const box = boxes.get(totals.id);
  if (box !== undefined) boxes.set(totals.id, { ...box, ...totals, hm: n });
}

function without(set: ReadonlySet<string>, value: string): Set<string> {
  const copy = new Set(set);
  copy.delete(value);
  return copy;
}
