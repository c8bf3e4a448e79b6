/**
 * A whole service as a user would start it: the launcher in a process of its own, on a folder of its own, on ports that the
 * system chooses. Everything it started ends and everything it wrote goes with `stop`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from './programs.js';

export const launcher = join(checkout, 'server/bin/vaguemestre.mjs');

export interface ServiceOptions {
  /** Settings beside those that keep tests apart, as environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** An own folder, made and removed, when not given. */
  readonly folder?: string;
}

export interface RunningService {
  readonly folder: string;
  readonly process: ChildProcess;
  /** Port of a listener by name. */
  port(name: string): number;
  readonly output: () => string;
  readonly errors: () => string;
  /** Sends SIGTERM and resolves with the exit code; removes the folder if it was made here. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Every listener on a port of its own, quiet log. */
export const quietEnvironment: Readonly<Record<string, string>> = {
  // The relay is a part of its own: what tests it says so.
  VAGUEMESTRE_PARTS: 'mailbox,web',
  VAGUEMESTRE_LISTEN_SMTP: '127.0.0.1:0',
  VAGUEMESTRE_LISTEN_IMAP: '127.0.0.1:0',
  VAGUEMESTRE_LISTEN_IMAPS: '127.0.0.1:0',
  VAGUEMESTRE_LISTEN_POP3: '127.0.0.1:0',
  VAGUEMESTRE_LISTEN_POP3S: '127.0.0.1:0',
  VAGUEMESTRE_LISTEN_SUBMISSION: '127.0.0.1:0',
  VAGUEMESTRE_LISTEN_SUBMISSIONS: '127.0.0.1:0',
  VAGUEMESTRE_LISTEN_LMTP: '127.0.0.1:0',
  VAGUEMESTRE_LISTEN_HTTP: '127.0.0.1:0',
  VAGUEMESTRE_LISTEN_HTTPS: '127.0.0.1:0',
  VAGUEMESTRE_LISTEN_METRICS: '127.0.0.1:0',
  VAGUEMESTRE_LOG_LEVEL: 'warn',
  VAGUEMESTRE_WORKERS: '2',
};

/** The environment of this process without settings of the person who runs the tests. */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!name.startsWith('VAGUEMESTRE_') && !name.startsWith('NODE_')) environment[name] = value;
  }
  const uri = process.env['VAGUEMESTRE_MONGODB_URI'];
  return { ...environment, ...(uri === undefined ? {} : { VAGUEMESTRE_MONGODB_URI: uri }), ...more };
}

/** A start takes a second; on a machine whose processors many others want, as long as they let it. */
const patienceMs = 120_000;

export async function startService(options: ServiceOptions = {}): Promise<RunningService> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'vm-service-'));
  const child = spawn(process.execPath, [launcher, 'serve', '--data', folder, ...(options.args ?? [])], {
    env: cleanEnvironment({ ...quietEnvironment, ...options.environment }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stderr.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const clean = (): void => {
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready in time\n${output}${errors}`)), patienceMs);
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString();
        if (!output.includes('vaguemestre ready\n')) return;
        clearTimeout(timer);
        resolve();
      });
      child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`ended with ${code} before it was ready\n${output}${errors}`));
      });
    });
  } catch (error) {
    child.kill('SIGKILL');
    clean();
    throw error;
  }
  return {
    folder,
    process: child,
    port(name) {
      const row = new RegExp(`^ +${name} +\\S*:(\\d+) `, 'm').exec(output);
      if (row?.[1] === undefined) throw new Error(`no listener ${name} in\n${output}`);
      return Number(row[1]);
    },
    output: () => output,
    errors: () => errors,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const code = await ended;
      clean();
      return code;
    },
  };
}

export interface Finished {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs a command of the launcher to its end. */
export function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  input = '',
): Promise<Finished> {
  const child = spawn(process.execPath, [launcher, ...args], { env: cleanEnvironment(environment), stdio: 'pipe' });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output, errors })));
}
