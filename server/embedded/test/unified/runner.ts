/** A runner for MongoDB's unified test format (data-driven tests in JSON), as far as the suites here need one. */
import assert from 'node:assert/strict';
import {
  BSON,
  type CommandFailedEvent,
  type CommandStartedEvent,
  type CommandSucceededEvent,
  type Document,
  MongoBulkWriteError,
  MongoClient,
  MongoClientBulkWriteError,
  type MongoClientOptions,
  MongoError,
  MongoServerError,
  ReadConcern,
} from 'mongodb';
import { match } from './match.js';
import { operations, Skip } from './operations.js';

export interface TestFile {
  readonly description: string;
  readonly runOnRequirements?: Document[];
  readonly createEntities?: Document[];
  readonly initialData?: Document[];
  readonly tests: UnifiedTest[];
}

export interface UnifiedTest extends Document {
  readonly description: string;
  readonly skipReason?: string;
}

type CommandEvent = CommandStartedEvent | CommandSucceededEvent | CommandFailedEvent;

const serverVersion = [8, 0, 0];

export function parseTestFile(text: string): TestFile {
  return BSON.EJSON.parse(text, { relaxed: true }) as TestFile;
}

function compareVersions(text: string): number {
  for (const [i, part] of text.split('.').entries()) {
    const difference = serverVersion[i]! - Number(part);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Why the test is not for this server; undefined when it is. */
export function unmet(requirements: Document[] | undefined): string | undefined {
  if (!requirements || requirements.length === 0) return undefined;
  const met = requirements.some((requirement) => {
    if (requirement['minServerVersion'] && compareVersions(requirement['minServerVersion']) < 0) return false;
    if (requirement['maxServerVersion'] && compareVersions(requirement['maxServerVersion']) > 0) return false;
    if (requirement['topologies'] && !requirement['topologies'].includes('replicaset')) return false;
    if (requirement['serverless'] === 'require' || requirement['auth'] === true || requirement['csfle']) return false;
    return true;
  });
  return met ? undefined : 'for another server';
}

const ignoredCommands = new Set(['hello', 'ismaster', 'isMaster', 'configureFailPoint', 'endSessions', 'killCursors']);

export async function runTest(uri: string, internal: MongoClient, file: TestFile, test: UnifiedTest): Promise<void> {
  const entities = new Map<string, unknown>();
  const events = new Map<string, CommandEvent[]>();
  const clients: MongoClient[] = [];
  try {
    for (const { databaseName, collectionName, documents } of file.initialData ?? []) {
      const collection = internal.db(databaseName).collection(collectionName);
      await collection.drop();
      if (documents.length > 0) await collection.insertMany(documents);
      else await internal.db(databaseName).createCollection(collectionName);
    }
    for (const entity of file.createEntities ?? []) await createEntity(uri, entity, entities, events, clients);
    for (const operation of test['operations'] as Document[]) await runOperation(internal, operation, entities, events);
    for (const expected of (test['expectEvents'] as Document[] | undefined) ?? [])
      checkEvents(expected, entities, events);
    for (const { databaseName, collectionName, documents } of (test['outcome'] as Document[] | undefined) ?? []) {
      const found = await internal
        .db(databaseName)
        .collection(collectionName)
        .find({}, { sort: { _id: 1 } })
        .toArray();
      match(documents, found, entities, 'outcome', false);
    }
  } finally {
    for (const point of ['failCommand', 'onPrimaryTransactionalWrite']) {
      await internal.db('admin').command({ configureFailPoint: point, mode: 'off' });
    }
    for (const client of clients) await client.close();
  }
}

async function createEntity(
  uri: string,
  entity: Document,
  entities: Map<string, unknown>,
  events: Map<string, CommandEvent[]>,
  clients: MongoClient[],
): Promise<void> {
  const [[kind, spec]] = Object.entries(entity) as [[string, Document]];
  const id = spec['id'] as string;
  const options = { ...(spec['uriOptions'] ?? {}), ...(spec[`${kind}Options`] ?? {}) } as Document;
  if (options['readConcern']) options['readConcern'] = ReadConcern.fromOptions({ readConcern: options['readConcern'] });
  switch (kind) {
    case 'client': {
      const uriOptions: Document = { ...(spec['uriOptions'] ?? {}) };
      if ('w' in uriOptions) {
        uriOptions['writeConcern'] = { w: uriOptions['w'] };
        delete uriOptions['w'];
      }
      if ('readConcernLevel' in uriOptions) {
        uriOptions['readConcern'] = { level: uriOptions['readConcernLevel'] };
        delete uriOptions['readConcernLevel'];
      }
      if (spec['serverApi'] || spec['autoEncryptOpts']) throw new Skip('client options that are not for this server');
      const client = new MongoClient(uri, {
        ...(uriOptions as MongoClientOptions),
        monitorCommands: true,
        serverSelectionTimeoutMS: 3000,
        // After errors that say the primary is gone the driver waits for a heartbeat, half a second at least by default.
        minHeartbeatFrequencyMS: 10,
      } as MongoClientOptions);
      clients.push(client);
      const observed = (spec['observeEvents'] as string[] | undefined) ?? [];
      const ignored = new Set([
        ...ignoredCommands,
        ...((spec['ignoreCommandMonitoringEvents'] as string[] | undefined) ?? []),
      ]);
      const list: CommandEvent[] = [];
      const record = (name: string) => (event: CommandEvent) => {
        if (observed.includes(name) && !ignored.has(event.commandName)) list.push(event);
      };
      client.on('commandStarted', record('commandStartedEvent'));
      client.on('commandSucceeded', record('commandSucceededEvent'));
      client.on('commandFailed', record('commandFailedEvent'));
      events.set(id, list);
      entities.set(id, client);
      await client.connect();
      break;
    }
    case 'database':
      entities.set(id, (entities.get(spec['client']) as MongoClient).db(spec['databaseName'], options));
      break;
    case 'collection':
      entities.set(
        id,
        (entities.get(spec['database']) as ReturnType<MongoClient['db']>).collection(spec['collectionName'], options),
      );
      break;
    case 'session':
      entities.set(id, (entities.get(spec['client']) as MongoClient).startSession(spec['sessionOptions'] ?? {}));
      break;
    default:
      throw new Skip(`entity ${kind}`);
  }
}

async function testRunnerOperation(internal: MongoClient, name: string, args: Document): Promise<void> {
  if (name === 'failPoint') await internal.db('admin').command(args['failPoint']);
  else throw new Skip(`operation ${name}`);
}

async function runOperation(
  internal: MongoClient,
  operation: Document,
  entities: Map<string, unknown>,
  events: Map<string, CommandEvent[]>,
): Promise<void> {
  const { name, object, expectResult, expectError, ignoreResultAndError, saveResultAsEntity } = operation;
  const args: Document = { ...(operation['arguments'] ?? {}) };
  if (object === 'testRunner') return testRunnerOperation(internal, name, args);
  if (args['session']) args['session'] = entities.get(args['session']);
  const run = operations[name];
  if (!run) throw new Skip(`operation ${name}`);
  let result: unknown;
  try {
    result = await run(entities.get(object), args);
  } catch (error) {
    if (error instanceof Skip) throw error;
    if (ignoreResultAndError) return;
    if (!expectError) throw error;
    return checkError(expectError, error as Error, entities);
  }
  assert.ok(!expectError, `${name} should have failed`);
  if (saveResultAsEntity) entities.set(saveResultAsEntity, result);
  if (expectResult !== undefined && !ignoreResultAndError) match(expectResult, result, entities, 'result', true);
  void events;
}

function checkError(expected: Document, error: Error, entities: Map<string, unknown>): void {
  const server = error instanceof MongoServerError ? error : undefined;
  const bulk = error instanceof MongoClientBulkWriteError ? error : undefined;
  const inner = (bulk?.cause ?? error) as MongoServerError;
  const labels = (label: string) =>
    (error instanceof MongoError && error.hasErrorLabel(label)) ||
    (inner instanceof MongoError && inner.hasErrorLabel(label));
  if (expected['isClientError'] === true) assert.ok(!server || bulk, `a client error was expected: ${error.message}`);
  if (expected['isClientError'] === false) assert.ok(server || bulk, `a server error was expected: ${error.message}`);
  if (expected['errorCode'] !== undefined) assert.equal(inner.code, expected['errorCode'], error.message);
  if (expected['errorCodeName'] !== undefined) assert.equal(inner.codeName, expected['errorCodeName']);
  if (expected['errorContains'] !== undefined)
    assert.ok(error.message.toLowerCase().includes(expected['errorContains'].toLowerCase()), error.message);
  for (const label of expected['errorLabelsContain'] ?? [])
    assert.ok(labels(label), `label ${label}: ${error.message}`);
  for (const label of expected['errorLabelsOmit'] ?? []) assert.ok(!labels(label), `no label ${label}`);
  if (expected['errorResponse'])
    match(
      expected['errorResponse'],
      (inner as unknown as { errorResponse: Document }).errorResponse ?? {},
      entities,
      'errorResponse',
    );
  if (expected['writeErrors'] && bulk) {
    for (const [index, wanted] of Object.entries(expected['writeErrors']))
      match(wanted, { ...bulk.writeErrors.get(Number(index)) }, entities, `writeErrors.${index}`);
  }
  if (expected['expectResult'] !== undefined) {
    const partial = bulk?.partialResult ?? (error instanceof MongoBulkWriteError ? error.result : undefined);
    match(expected['expectResult'], partial, entities, 'partial result', true);
  }
}

function checkEvents(expected: Document, entities: Map<string, unknown>, events: Map<string, CommandEvent[]>): void {
  if (expected['eventType'] && expected['eventType'] !== 'command') return;
  const list = events.get(expected['client']) ?? [];
  const wanted = expected['events'] as Document[];
  if (expected['ignoreExtraEvents'] !== true)
    assert.equal(list.length, wanted.length, `events: ${list.map(({ commandName }) => commandName).join()}`);
  for (const [i, event] of wanted.entries()) {
    const [[kind, detail]] = Object.entries(event) as [[string, Document]];
    const actual = list[i];
    assert.ok(actual, `event ${i} is missing`);
    if (kind === 'commandStartedEvent' && detail['command'])
      match(detail['command'], (actual as CommandStartedEvent).command, entities, `event ${i}`);
    if (detail['commandName']) assert.equal(actual.commandName, detail['commandName']);
    if (kind === 'commandSucceededEvent' && detail['reply'])
      match(detail['reply'], (actual as CommandSucceededEvent).reply, entities, `event ${i}`);
  }
}
