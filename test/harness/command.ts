import { spawn } from 'node:child_process';
import { cleanEnvironment, launcher } from './running-service.js';

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly folder: string;
  /** Standard input, then its end. */
  readonly input?: string | Buffer;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with the process, to signal it. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs `vaguemestre` as a user would, through the launcher, and waits for its end. */
export function runCommand(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [launcher, ...args, '--data', options.folder], {
      env: cleanEnvironment(options.environment),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
    options.onStart?.((signal) => child.kill(signal));
  });
}
