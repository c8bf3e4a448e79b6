import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { BenchImap } from './clients/imap.js';

/** A server to measure, as its starter describes it in a JSON file. */
export interface TargetDescription {
  readonly name: string;
  readonly version?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly host: string;
  readonly ports: { readonly imap?: number; readonly imaps?: number; readonly lmtp?: number; readonly pop3?: number };
  /** `pattern` holds %03d: the number of the user. */
  readonly users: {
    readonly pattern: string;
    readonly count: number;
    readonly domain: string;
    readonly password: string;
  };
  /** Files with the pid of each root process: CPU and memory are summed over their trees. */
  readonly pidFiles: readonly string[];
  /** Restarts the server over the same data. */
  readonly restart?: readonly string[];
  /** A second, empty instance, for the time to its greeting. */
  readonly startup?: {
    readonly command: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
    readonly port: number;
  };
}

export class SkippedScenario extends Error {}

/** Throws if what was timed did not take place: such a row is FAILED, never a figure. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`CHECK: ${message}`);
}

export function checkEqual(got: unknown, wanted: unknown, what: string): void {
  check(got === wanted, `${what}: got ${String(got)}, want ${String(wanted)}`);
}

export class Target {
  readonly name: string;
  readonly host: string;
  readonly ports: TargetDescription['ports'];
  readonly description: TargetDescription;

  constructor(file: string) {
    this.description = JSON.parse(readFileSync(file, 'utf8')) as TargetDescription;
    this.name = this.description.name;
    this.host = this.description.host;
    this.ports = this.description.ports;
  }

  get password(): string {
    return this.description.users.password;
  }

  user(number: number): string {
    return this.description.users.pattern.replace('%03d', String(number).padStart(3, '0'));
  }

  address(number: number): string {
    return `${this.user(number)}@${this.description.users.domain}`;
  }

  async imap(number: number, secure = false): Promise<BenchImap> {
    const client = await BenchImap.connect(this, secure);
    return client.login(this.user(number), this.password);
  }

  /** New processes over the same data, warmed by one login of another user; false where there is no such hook. */
  async restart(): Promise<boolean> {
    const command = this.description.restart;
    if (!command) return false;
    const done = spawnSync(command[0]!, command.slice(1), { stdio: 'ignore', timeout: 60_000 });
    checkEqual(done.status, 0, 'status of the restart');
    await (await this.imap(4)).logout();
    return true;
  }

  #processTree(): number[] {
    const roots: number[] = [];
    for (const file of this.description.pidFiles) {
      try {
        roots.push(Number(readFileSync(file, 'utf8').trim()));
      } catch {
        // not running just now
      }
    }
    const children = new Map<number, number[]>();
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const stat = readProc(`/proc/${name}/stat`);
      if (stat === undefined) continue;
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ', 1)[0]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    }
    const all: number[] = [];
    for (const todo = [...roots]; todo.length > 0; ) {
      const pid = todo.pop()!;
      all.push(pid);
      todo.push(...(children.get(pid) ?? []));
    }
    return [...new Set(all)];
  }

  /** User and system time of the process trees in ms, ended children included; NaN if nothing runs. */
  cpuMs(): number {
    const pids = this.#processTree();
    if (pids.length === 0) return Number.NaN;
    let total = 0;
    for (const pid of pids) {
      const stat = readProc(`/proc/${pid}/stat`);
      if (stat === undefined) continue;
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      const ticks = (fields[11]! + fields[12]!) * 10;
      // stat counts in ticks of 10 ms; the living threads' own counters are finer
      const fine = threadNames(pid).reduce((sum, thread) => {
        const text = readProc(`/proc/${pid}/task/${thread}/schedstat`);
        return sum + (text === undefined ? 0 : Number(text.split(' ', 1)[0]) / 1e6);
      }, 0);
      total += (ticks > fine + 20 ? ticks : fine) + (fields[13]! + fields[14]!) * 10;
    }
    return total;
  }

  /** Proportional set size of the process trees. */
  memory(): { readonly kilobytes: number; readonly processes: number } {
    const pids = this.#processTree();
    if (pids.length === 0) throw new SkippedScenario('no process to look at');
    let kilobytes = 0;
    for (const pid of pids) {
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readProc(`/proc/${pid}/smaps_rollup`) ?? '')?.[1] ?? 0);
    }
    return { kilobytes, processes: pids.length };
  }
}

/** undefined when the process has gone meanwhile. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function threadNames(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}
