/**
 * `failCommand` and `onPrimaryTransactionalWrite`: errors on demand, for tests of whoever uses this server. Only with test commands switched on.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { bsonType, bytesOf, fields, items, type Value } from '../bson/element.js';
import { asNumber, asString, asTruth } from '../bson/scalar.js';
import { MongoError } from '../errors.js';

export interface Failure {
  readonly errorCode: number | undefined;
  readonly errorLabels: readonly string[] | undefined;
  readonly closeConnection: boolean;
  readonly writeConcernError: Buffer | undefined;
}

/** Thrown where a fail point wants the connection to end without a reply. */
export class ConnectionCut extends Error {}

export interface FailPoints {
  readonly enabled: boolean;
  configure(args: ReadonlyMap<string, Value>): void;
  /** What is to happen to this command; waits first when the fail point says so. */
  meet(command: string, appName: string, signal: AbortSignal): Promise<Failure | undefined> | undefined;
  /** When the connection of this retryable write, which was not done before, is to be cut. */
  meetRetryable(): 'before' | 'after' | undefined;
}

interface FailPoint {
  left: number;
  skip: number;
  probability: number;
  readonly commands: ReadonlySet<string>;
  readonly appName: string | undefined;
  readonly blockMs: number;
  readonly failure: Failure;
}

export function createFailPoints(enabled: boolean): FailPoints {
  let point: FailPoint | undefined;
  let retryable: (FailPoint & { readonly when: 'before' | 'after' }) | undefined;

  /** Whether the point strikes this time. */
  function strikes(armed: FailPoint): boolean {
    if (armed.skip > 0) {
      armed.skip--;
      return false;
    }
    if (armed.probability < 1 && Math.random() >= armed.probability) return false;
    armed.left--;
    return true;
  }

  async function block(ms: number, failure: Failure, signal: AbortSignal): Promise<Failure> {
    await delay(ms, undefined, { signal }).catch(() => undefined);
    return failure;
  }

  return {
    enabled,
    configure(args) {
      if (!enabled) throw new MongoError('CommandNotFound', "no such command: 'configureFailPoint'");
      const name = asString(args.get('configureFailPoint')!);
      if (name === 'onPrimaryTransactionalWrite') {
        retryable = undefined;
        const mode = args.get('mode');
        if (mode === undefined || asString(mode) === 'off') return;
        const data = args.get('data');
        const before = data?.type === bsonType.object && fields(data).has('failBeforeCommitExceptionCode');
        const armed = { ...parsePoint(undefined), when: before ? ('before' as const) : ('after' as const) };
        applyMode(armed, mode);
        retryable = armed;
        return;
      }
      if (name !== 'failCommand')
        throw new MongoError('FailedToParse', `fail point ${name} is not supported by this server`);
      const mode = args.get('mode');
      if (mode === undefined) throw new MongoError('FailedToParse', "fail point needs a 'mode'");
      if (asString(mode) === 'off') {
        point = undefined;
        return;
      }
      const next = parsePoint(args.get('data'));
      applyMode(next, mode);
      point = next;
    },
    meet(command, appName, signal) {
      if (point === undefined || !point.commands.has(command) || command === 'configureFailPoint') return undefined;
      if (point.appName !== undefined && point.appName !== appName) return undefined;
      if (!strikes(point)) return undefined;
      const { failure, blockMs } = point;
      if (point.left <= 0) point = undefined;
      return blockMs > 0 ? block(blockMs, failure, signal) : Promise.resolve(failure);
    },
    meetRetryable() {
      if (retryable === undefined || !strikes(retryable)) return undefined;
      const { when } = retryable;
      if (retryable.left <= 0) retryable = undefined;
      return when;
    },
  };
}

function applyMode(point: FailPoint, mode: Value): void {
  if (asString(mode) === 'alwaysOn') return;
  if (mode.type !== bsonType.object)
    throw new MongoError('FailedToParse', "fail point 'mode' must be a string or an object");
  for (const [name, value] of fields(mode)) {
    const number = asNumber(value);
    if (number === undefined) throw new MongoError('FailedToParse', `'${name}' option to 'mode' must be a number`);
    if (name === 'times') point.left = number;
    else if (name === 'skip') point.skip = number;
    else if (name === 'activationProbability') point.probability = number;
    else throw new MongoError('FailedToParse', `unknown mode '${name}'`);
  }
}

function parsePoint(data: Value | undefined): FailPoint {
  const given = data?.type === bsonType.object ? fields(data) : new Map<string, Value>();
  const commands = new Set<string>();
  let errorCode: number | undefined;
  let errorLabels: string[] | undefined;
  let closeConnection = false;
  let writeConcernError: Buffer | undefined;
  let appName: string | undefined;
  let blocks = false;
  let blockMs = 0;
  for (const [name, value] of given) {
    switch (name) {
      case 'failCommands':
        for (const item of items(value)) commands.add(asString(item) ?? '');
        break;
      case 'errorCode':
        errorCode = asNumber(value);
        break;
      case 'errorLabels':
        errorLabels = items(value).map((item) => asString(item) ?? '');
        break;
      case 'closeConnection':
        closeConnection = asTruth(value);
        break;
      case 'writeConcernError':
        writeConcernError = Buffer.from(bytesOf(value));
        break;
      case 'appName':
        appName = asString(value);
        break;
      case 'blockConnection':
        blocks = asTruth(value);
        break;
      case 'blockTimeMS':
        blockMs = asNumber(value) ?? 0;
        break;
      default:
        throw new MongoError('FailedToParse', `fail point option '${name}' is not supported by this server`);
    }
  }
  const failure: Failure = { errorCode, errorLabels, closeConnection, writeConcernError };
  return {
    left: Number.POSITIVE_INFINITY,
    skip: 0,
    probability: 1,
    commands,
    appName,
    blockMs: blocks ? blockMs : 0,
    failure,
  };
}
