/**
 * From a request to its reply: the checks that hold for every command, the command, the fields every reply ends with, and
 * the one place where an error becomes a reply.
 */

import { bsonType, documentValue, fields, type Value } from '../bson/element.js';
import { asNumber, asString } from '../bson/scalar.js';
import type { BsonWriter } from '../bson/writer.js';
import { type Arguments, checkKnown } from '../commands/argument.js';
import { commands } from '../commands/table.js';
import { codeNameOf, MongoError } from '../errors.js';
import { beginReply, finishReply, type Request } from '../wire/message.js';
import type { Call, Client, Services } from './call.js';
import { ConnectionCut, type Failure } from './fail-points.js';
import { sessionId, txnNumberOf } from './sessions.js';

/** The message to send back; undefined when none is wanted; 'close' to end the connection without one. */
export async function answer(
  services: Services,
  client: Client,
  request: Request,
): Promise<Buffer | undefined | 'close'> {
  const reply = beginReply(request);
  const start = reply.pos;
  const args = fields(documentValue(request.body));
  const [command] = args.keys();
  let failure: Failure | undefined;
  try {
    if (command === undefined) throw new MongoError('FailedToParse', 'empty command');
    failure = await services.failPoints.meet(command, client.appName, client.closed);
    if (failure?.closeConnection) return 'close';
    if (failure?.errorCode !== undefined) writeFailure(reply, failure, failure.errorCode);
    else {
      await run(services, client, request, command, args, reply);
      if (failure?.writeConcernError) reply.document('writeConcernError', failure.writeConcernError);
      if (failure?.errorLabels) writeLabels(reply, failure.errorLabels);
      reply.double('ok', 1);
    }
  } catch (error) {
    if (error instanceof ConnectionCut) return 'close';
    reply.rewind(start);
    writeError(services, reply, error, command ?? '');
  }
  if (!request.replyWanted) return undefined;
  writeTimes(reply, services.engine.oplog.last);
  return finishReply(request, reply);
}

async function run(
  services: Services,
  client: Client,
  request: Request,
  command: string,
  args: Arguments,
  reply: BsonWriter,
): Promise<void> {
  const found = commands.get(command);
  if (found === undefined) throw new MongoError('CommandNotFound', `no such command: '${command}'`);
  const database = request.database ?? asString(args.get('$db') ?? documentValue(request.body));
  if (database === undefined || database === '')
    throw new MongoError('Location40414', "BSON field '$db' is missing but a required field");
  const txnNumber = txnNumberOf(args);
  checkArguments(command, args, found.known);
  if (txnNumber !== undefined && !found.retryable) {
    throw new MongoError('OperationNotSupportedInTransaction', `${command} cannot be run with a transaction number`);
  }
  const maxTimeMs = args.get('maxTimeMS');
  const limit = maxTimeMs === undefined ? 0 : (asNumber(maxTimeMs) ?? -1);
  if (limit < 0) throw new MongoError('BadValue', 'maxTimeMS must be a number that is not negative');
  // Named one by one: a spread of the services would cost more than the rest of a small command.
  const { engine, cursors, sessions, failPoints, socketPath, startedAt, closing, log } = services;
  const call: Call = {
    engine,
    cursors,
    sessions,
    failPoints,
    socketPath,
    startedAt,
    closing,
    log,
    client,
    request,
    command,
    args,
    database,
    session: sessionId(args.get('lsid')),
    txnNumber,
    deadline: limit > 0 ? Date.now() + limit : Number.POSITIVE_INFINITY,
    reply,
  };
  await found.run(call);
}

function checkArguments(command: string, args: Arguments, known: ReadonlySet<string>): void {
  if (!known.has('*')) checkKnown(command, args, known);
  const readConcern = args.get('readConcern');
  if (readConcern !== undefined && readConcern.type === bsonType.object) checkReadConcern(readConcern);
  const writeConcern = args.get('writeConcern');
  if (writeConcern !== undefined && writeConcern.type === bsonType.object) checkWriteConcern(writeConcern);
}

/** Every read here is of what is committed and on disk, which is all that these levels ask for; a snapshot is more. */
function checkReadConcern(concern: Value): void {
  const level = fields(concern).get('level');
  const name = level === undefined ? 'local' : asString(level);
  if (name === undefined || !['local', 'available', 'majority', 'linearizable'].includes(name)) {
    throw new MongoError('InvalidOptions', `read concern level '${name}' is not supported by this server`);
  }
}

/** Every write is on disk before it is acknowledged; more than one member there is not. */
function checkWriteConcern(concern: Value): void {
  const w = fields(concern).get('w');
  if (w === undefined) return;
  const number = asNumber(w);
  const name = asString(w);
  if (name !== undefined && name !== 'majority') {
    throw new MongoError(
      'UnknownReplWriteConcern',
      `No write concern mode named '${name}' found in replica set configuration`,
    );
  }
  if (number !== undefined && number > 1) {
    throw new MongoError('UnsatisfiableWriteConcern', 'Not enough data-bearing nodes');
  }
}

function writeFailure(reply: BsonWriter, failure: Failure, code: number): void {
  const labels = failure.errorLabels ?? labelsOf(code);
  writeLabels(reply, labels);
  reply.double('ok', 0).string('errmsg', "Failing command via 'failCommand' failpoint");
  reply.int32('code', code).string('codeName', codeNameOf(code));
}

/** Codes after which MongoDB lets a write be sent again (it says so in the label since 4.4). */
const retryableCodes: ReadonlySet<number> = new Set([
  6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
]);

function labelsOf(code: number): readonly string[] {
  return retryableCodes.has(code) ? ['RetryableWriteError'] : [];
}

function writeLabels(reply: BsonWriter, labels: readonly string[]): void {
  if (labels.length === 0) return;
  reply.openArray('errorLabels');
  for (const [i, label] of labels.entries()) reply.string(String(i), label);
  reply.close();
}

function writeError(services: Services, reply: BsonWriter, error: unknown, command: string): void {
  if (!(error instanceof MongoError)) {
    services.log('error', `command ${command} failed`, error);
    reply.double('ok', 0).string('errmsg', 'internal error; the log of the server has more').int32('code', 1);
    reply.string('codeName', 'InternalError');
    return;
  }
  writeLabels(reply, error.labels);
  reply.double('ok', 0).string('errmsg', error.message).int32('code', error.code).string('codeName', error.codeName);
  for (const { name, document } of error.extra) reply.document(name, document);
}

const noKey = Buffer.alloc(20);

/** Cluster time lets drivers order what they read behind what they wrote; it is not signed, as without authentication. */
function writeTimes(reply: BsonWriter, time: bigint): void {
  if (time === 0n) return;
  reply.openDocument('$clusterTime').timestamp('clusterTime', time);
  reply.openDocument('signature').binary('hash', noKey).int64('keyId', 0n).close().close();
  reply.timestamp('operationTime', time);
}
