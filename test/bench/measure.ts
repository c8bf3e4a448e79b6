import { readFileSync } from 'node:fs';
import { check, type Target } from './target.js';

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
export const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

export function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values.filter((v) => Number.isFinite(v))).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** At most `width` at a time. */
export async function eachLimit<T>(
  list: readonly T[],
  width: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < list.length) await work(list[next++]!);
    }),
  );
}

/** `/s` units are better when higher, all others when lower. */
export type Unit = 'login/s' | 'msg/s' | 'delivery/s' | 'cmd/s' | 'op/s' | 'MB/s' | 'ms' | 'KB' | 'KB/conn';

/** What surrounded a figure: shares are of one core. */
export interface Circumstances {
  readonly clientShare: number;
  readonly serverShare: number;
  /** CPU of the server's process tree an operation, in ms: the figure that other load distorts least. */
  readonly serverMsPerOperation: number;
  /** What anything else on the machine took meanwhile. */
  readonly otherShare: number;
}

export interface Row extends Partial<Circumstances> {
  readonly unit: Unit;
  readonly value: number;
}

export interface RunOptions {
  readonly seconds: number;
  readonly mixedSeconds: number;
}

/** CPU of all cores without idle and I/O wait, ms. */
function machineBusyMs(): number {
  const fields = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0]!.trim().split(/\s+/).slice(1).map(Number);
  return (fields[0]! + fields[1]! + fields[2]! + fields[5]! + fields[6]! + fields[7]!) * 10;
}

/** One run of one scenario on one target: collects its rows. */
export class Run {
  readonly rows = new Map<string, Row>();
  readonly target: Target;
  readonly options: RunOptions;

  constructor(target: Target, options: RunOptions) {
    this.target = target;
    this.options = options;
  }

  row(name: string, unit: Unit, value: number, circumstances: Partial<Circumstances> = {}): void {
    check(Number.isFinite(value), `${name}: no finite value`);
    this.rows.set(name, { unit, value, ...circumstances });
  }

  /** Times `work`, which resolves with the number of operations it did. */
  async timed(work: () => Promise<number>): Promise<{ wallMs: number; operations: number } & Circumstances> {
    const server = this.target.cpuMs();
    const machine = machineBusyMs();
    const client = process.cpuUsage();
    const start = performance.now();
    const operations = await work();
    const wallMs = performance.now() - start;
    const used = process.cpuUsage(client);
    const busy = machineBusyMs() - machine;
    await sleep(60); // late work of the server (log writes, ends of processes) belongs to the row
    const serverMs = this.target.cpuMs() - server;
    check(operations > 0, 'nothing was done');
    const clientMs = (used.user + used.system) / 1000;
    return {
      wallMs,
      operations,
      clientShare: clientMs / wallMs,
      serverShare: serverMs / wallMs,
      serverMsPerOperation: serverMs / operations,
      otherShare: wallMs < 100 ? Number.NaN : Math.max(0, busy - clientMs - (serverMs || 0)) / wallMs,
    };
  }

  /** A row of operations a second. */
  async rate(name: string, unit: Unit, work: () => Promise<number>): Promise<number> {
    const { wallMs, operations, ...circumstances } = await this.timed(work);
    this.row(name, unit, operations / (wallMs / 1000), circumstances);
    return operations;
  }

  /** A row of milliseconds an operation. */
  async latency(name: string, work: () => Promise<number>): Promise<void> {
    const { wallMs, operations, ...circumstances } = await this.timed(work);
    this.row(name, 'ms', wallMs / operations, circumstances);
  }

  /** `width` loops of `work` for so long, or until `most` were begun; resolves with how many were completed. */
  async loop(
    width: number,
    work: (loop: number) => Promise<unknown>,
    most = Number.POSITIVE_INFINITY,
  ): Promise<number> {
    const end = performance.now() + this.options.seconds * 1000;
    let started = 0;
    let completed = 0;
    await Promise.all(
      Array.from({ length: width }, async (_, i) => {
        while (performance.now() < end && started < most) {
          started++;
          await work(i);
          completed++;
        }
      }),
    );
    return completed;
  }
}

export type Scenario = (run: Run) => Promise<void>;
