/** What a command is given: the engine, where it came from, its arguments, and the document it answers into. */
import type { Value } from '../bson/element.js';
import type { BsonWriter } from '../bson/writer.js';
import type { Arguments } from '../commands/argument.js';
import type { Engine } from '../engine/engine.js';
import type { Request } from '../wire/message.js';
import type { Cursors } from './cursors.js';
import type { FailPoints } from './fail-points.js';
import type { Sessions } from './sessions.js';

export interface Services {
  readonly engine: Engine;
  readonly cursors: Cursors;
  readonly sessions: Sessions;
  readonly failPoints: FailPoints;
  readonly socketPath: string;
  readonly startedAt: number;
  /** The service is going down: what waits ends. */
  readonly closing: AbortSignal;
  log(level: 'info' | 'warn' | 'error', text: string, detail?: unknown): void;
}

export interface Client {
  readonly id: number;
  appName: string;
  /** The connection is gone: what waits for it ends. */
  readonly closed: AbortSignal;
}

export interface Call extends Services {
  readonly client: Client;
  readonly request: Request;
  readonly command: string;
  readonly args: Arguments;
  readonly database: string;
  readonly session: Buffer | undefined;
  readonly txnNumber: bigint | undefined;
  /** Wall clock time after which the command fails with MaxTimeMSExpired. */
  readonly deadline: number;
  readonly reply: BsonWriter;
}

export interface Command {
  readonly known: ReadonlySet<string>;
  /** Fails with this client's text when run in a session with a transaction number: only writes may. */
  readonly retryable?: boolean;
  run(call: Call): Promise<void> | void;
}

export function command(
  known: readonly string[],
  run: (call: Call) => Promise<void> | void,
  retryable = false,
): Command {
  return { known: new Set(known), run, retryable };
}

export function namespaceOf(call: Call, value: Value | undefined): string {
  return `${call.database}.${value?.buf.toString('utf8', value.at + 4, value.end - 1) ?? ''}`;
}
