/**
 * The ordered, durable key-value trees under everything: LMDB, behind the few functions the engine needs.
 *
 * Guarantees: `write` runs its job in a write transaction and resolves after the commit is synced to disk; jobs that
 * arrive while a commit is under way share the next one, in order; a job that throws leaves nothing behind and takes no
 * other with it. Reads outside a job see the last commit, never what is under way; reads inside a job see its own writes.
 * A commit that fails (disk full, I/O error) rejects its jobs, changes nothing, and reading goes on. A transaction that would
 * build on anything but the newest commit in the files is never begun in earnest (`last-commit.ts`).
 *
 * What `peek` and a scan give are views on memory that the next call overwrites: copy what must stay.
 */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import { followCommits, StaleBase } from './last-commit.js';

const lmdb = createRequire(import.meta.url)('lmdb') as typeof import('lmdb');

export const treeNames = ['docs', 'index', 'oplog', 'meta', 'sessions'] as const;
export type TreeName = (typeof treeNames)[number];

type Tree = Database<Buffer, Buffer>;

/**
 * Jobs and bytes of one commit: more would hold the loop for too long before anybody is answered, and LMDB keeps the pages
 * of a transaction in memory.
 */
const maxJobsPerCommit = 1000;
const maxBytesPerCommit = 32 * 1024 * 1024;

/**
 * A small commit to a quick disk is done here and now: handing it to another thread and back costs more than it takes. Where
 * commits take longer than this on average, or write more, reading goes on meanwhile.
 */
const quickCommitMs = 4;
const quickCommitBytes = 256 * 1024;
/** Weight of the newest commit in the average. */
const newestWeight = 0.1;

/** A process that opens the files may be busy when it is told to, or stopped: it does not hold up everybody for longer. */
const holdMs = 2_000;

export interface ScanOptions {
  /** First and last bound in key order, both ways: `from` included, `to` excluded. */
  readonly from: Buffer;
  readonly to: Buffer;
  readonly reverse?: boolean;
  /** Only the keys: the value of an entry is then empty. */
  readonly keysOnly?: boolean;
}

export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface Storage {
  get(tree: TreeName, key: Buffer): Buffer | undefined;
  peek(tree: TreeName, key: Buffer): Buffer | undefined;
  has(tree: TreeName, key: Buffer): boolean;
  /** To be used up or `return`ed within one turn of the loop. */
  scan(tree: TreeName, options: ScanOptions): Iterator<Entry>;
  /** About how much room a tree takes, from its page counts: reads none of it. */
  bytesOf(tree: TreeName): number;
  /** Inside a job only. */
  put(tree: TreeName, key: Buffer, value: Buffer): void;
  delete(tree: TreeName, key: Buffer): void;
  /** `bytes`: about how much the job writes. The job may run a second time, when another of its commit was undone. */
  write<T>(job: () => T, bytes?: number): Promise<T>;
  /**
   * Resolves when no commit is under way; none begins until the function it gives is called, or for `holdMs`. Whoever opens
   * the files meanwhile cannot disturb one (`last-commit.ts`).
   */
  hold(): Promise<() => void>;
  /** Called after every commit that succeeded, before its jobs resolve. */
  onCommit(listener: () => void): void;
  /** Called when what jobs changed in memory must be forgotten: their commit did not happen. */
  onRollback(listener: () => void): void;
  /** Forgets readers of processes that died: what they were reading would keep pages from being used again. */
  dropDeadReaders(): void;
  close(): Promise<void>;
}

interface Job {
  readonly bytes: number;
  readonly run: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** LMDB hands values over in one buffer that it uses again; this "decoder" passes the view on instead of copying it. */
const viewEncoder = {
  encode: (value: Buffer) => value,
  decode: (bytes: Buffer, size?: number) => Buffer.from(bytes.buffer, bytes.byteOffset, size ?? bytes.length),
};

const viewKeys = {
  writeKey(key: Buffer, target: Buffer, start: number): number {
    target.set(key, start);
    return start + key.length;
  },
  readKey: (target: Buffer, start: number, end: number) =>
    Buffer.from(target.buffer, target.byteOffset + start, end - start),
};

/** How the files are opened, by the engine and by the committed reader alike. */
export const storeFormat = {
  // LMDB's own order of syncs: data, then the page that makes it current. Nothing else survived every simulated power cut.
  overlappingSync: false,
  noSubdir: false,
  maxDbs: treeNames.length + 1,
  maxReaders: 512,
  encoding: 'binary',
  keyEncoding: 'binary',
} as const;

/** LMDB syncs its file, not the folder that names it: without this a new store could vanish with the power, whole. */
function syncFolder(directory: string): void {
  // Windows cannot open a folder, and syncs its entries itself.
  if (process.platform === 'win32') return;
  const folder = openSync(directory, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export type StorageLog = (level: 'warn' | 'error', text: string, detail?: unknown) => void;

export function openStorage(directory: string, log: StorageLog = () => undefined): Storage {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const root: RootDatabase<Buffer, Buffer> = lmdb.open(directory, {
    ...storeFormat,
    eventTurnBatching: false,
  });
  syncFolder(directory);
  syncFolder(dirname(resolve(directory)));
  const trees = {} as Record<TreeName, Tree>;
  for (const name of treeNames) {
    trees[name] = root.openDB({ name, encoder: viewEncoder, keyEncoder: viewKeys } as never) as Tree;
  }

  const waiting: Job[] = [];
  const commitListeners: (() => void)[] = [];
  const rollbackListeners: (() => void)[] = [];
  let draining: Promise<void> | undefined;
  let inJob = false;
  let changes = 0;
  let closing = false;
  let usualCommitMs = 0;
  const commits = followCommits(root, directory, log);
  /** Those who hold commits back, and who waits for them. */
  const holding = new Set<() => void>();
  let underWay: Promise<void> | undefined;
  let freed = () => {};

  function peek(tree: TreeName, key: Buffer): Buffer | undefined {
    const store = trees[tree];
    const bytes = store.getBinaryFast(key);
    if (bytes === undefined) return undefined;
    const size = (store as unknown as { lastSize: number }).lastSize;
    return Buffer.from(bytes.buffer, bytes.byteOffset, size);
  }

  /** Never rejects: what goes wrong is the answer of the jobs it concerns. */
  async function drain(): Promise<void> {
    // Behind all that this turn of the loop reads, so that what arrived together is committed together.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      let count = 0;
      let bytes = 0;
      while (count < waiting.length && count < maxJobsPerCommit && (count === 0 || bytes < maxBytesPerCommit)) {
        bytes += waiting[count++]!.bytes;
      }
      const jobs = waiting.splice(0, count);
      while (holding.size > 0) {
        await new Promise<void>((resolve) => {
          freed = resolve;
        });
      }
      underWay = commit(jobs, bytes);
      await underWay;
      underWay = undefined;
    }
    draining = undefined;
  }

  async function hold(): Promise<() => void> {
    const release = (): void => {
      clearTimeout(late);
      if (holding.delete(release) && holding.size === 0) freed();
    };
    const late = setTimeout(() => {
      log('warn', 'whoever opens the files of the store takes too long: writing goes on');
      release();
    }, holdMs);
    holding.add(release);
    await underWay;
    return release;
  }

  /** One LMDB transaction. A job that changed something and then threw: all is undone, and the others run again. */
  async function commit(jobs: Job[], bytes: number): Promise<void> {
    let results: { job: Job; ok: boolean; value: unknown }[] = [];
    let culprit: Job | undefined;
    let number = 0;
    const work = (): void => {
      results = [];
      number = commits.begin();
      for (const job of jobs) {
        const before = changes;
        inJob = true;
        try {
          results.push({ job, ok: true, value: job.run() });
        } catch (error) {
          results.push({ job, ok: false, value: error });
          if (changes !== before) {
            culprit = job;
            throw error;
          }
        } finally {
          inJob = false;
        }
      }
    };
    const started = performance.now();
    const unchanged = changes;
    try {
      if (bytes <= quickCommitBytes && usualCommitMs <= quickCommitMs) root.transactionSync(work);
      else await root.childTransaction(work);
      // One that was held up by a busy machine says little about the disk.
      const took = Math.min(performance.now() - started, 2 * quickCommitMs);
      usualCommitMs += (took - usualCommitMs) * newestWeight;
    } catch (error) {
      if (error instanceof StaleBase) {
        // Nothing was run.
        const failure = await commits.mend().catch((reason: unknown) => reason);
        if (failure === undefined) await commit(jobs, bytes);
        else for (const job of jobs) job.reject(failure);
        return;
      }
      for (const listener of rollbackListeners) listener();
      if (culprit === undefined) {
        const cause = await commitError(error);
        for (const job of jobs) job.reject(cause);
        return;
      }
      culprit.reject(error);
      const others = jobs.filter((job) => job !== culprit);
      if (others.length > 0) await commit(others, bytes);
      return;
    }
    if (changes !== unchanged) commits.done(number);
    for (const listener of commitListeners) listener();
    for (const { job, ok, value } of results) {
      if (ok) job.resolve(value);
      else job.reject(value);
    }
  }

  return {
    peek,
    get(tree, key) {
      const view = peek(tree, key);
      return view && Buffer.from(view);
    },
    has: (tree, key) => peek(tree, key) !== undefined,
    bytesOf(tree) {
      const stats = trees[tree].getStats() as { pageSize: number; treeLeafPageCount: number; overflowPages: number };
      return stats.pageSize * (stats.treeLeafPageCount + stats.overflowPages);
    },
    scan(tree, { from, to, reverse = false, keysOnly = false }) {
      // Both bounds in key order: LMDB wants the starting one first, and its end is exclusive either way.
      const range = reverse
        ? { start: to, end: from, reverse, exclusiveStart: true, inclusiveEnd: true }
        : { start: from, end: to };
      if (keysOnly) {
        const keys = trees[tree].getKeys(range)[Symbol.iterator]();
        return keysAsEntries(keys);
      }
      return trees[tree].getRange(range)[Symbol.iterator]() as Iterator<Entry>;
    },
    put(tree, key, value) {
      if (!inJob) throw new Error('put outside a write job');
      changes++;
      trees[tree].putSync(key, value);
    },
    delete(tree, key) {
      if (!inJob) throw new Error('delete outside a write job');
      changes++;
      trees[tree].removeSync(key);
    },
    write<T>(run: () => T, bytes = 4096): Promise<T> {
      if (closing) return Promise.reject(new Error('the store is closing'));
      return new Promise<T>((resolve, reject) => {
        waiting.push({ bytes, run, resolve: resolve as (value: unknown) => void, reject });
        draining ??= drain();
      });
    },
    hold,
    onCommit: (listener) => void commitListeners.push(listener),
    onRollback: (listener) => void rollbackListeners.push(listener),
    dropDeadReaders: () => void root.readerCheck(),
    async close() {
      closing = true;
      await draining;
      await root.close();
    },
  };
}

const noValue = Buffer.alloc(0);

function keysAsEntries(keys: Iterator<Buffer>): Iterator<Entry> {
  return {
    next() {
      const step = keys.next();
      return step.done ? { done: true, value: undefined } : { done: false, value: { key: step.value, value: noValue } };
    },
    return() {
      keys.return?.();
      return { done: true, value: undefined };
    },
  };
}

/** The library's error names another promise for the cause; without waiting for it Node would call it unhandled. */
async function commitError(error: unknown): Promise<unknown> {
  const cause = (error as { commitError?: Promise<unknown> }).commitError;
  if (cause === undefined) return error;
  const timer = new Promise<unknown>((resolve) => setTimeout(() => resolve(error), 1000).unref());
  return Promise.race([cause.catch((reason: unknown) => reason), timer]);
}
