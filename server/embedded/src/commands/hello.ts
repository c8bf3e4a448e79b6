/** The greeting, and the small commands a driver or a tool asks before it does anything. */

import { fields } from '../bson/element.js';
import { asString } from '../bson/scalar.js';
import { maxDocumentBytes } from '../engine/documents.js';
import { type Call, command } from '../server/call.js';
import { sessionTimeoutMinutes } from '../server/sessions.js';
import { maxMessageBytes } from '../wire/message.js';
import { maxWriteBatch } from './limits.js';

/** Server 8.0: the first with the command `bulkWrite`. */
const maxWireVersion = 25;
const version = '8.0.0';
const electionId = Buffer.from('7fffffff0000000000000001', 'hex');

/**
 * One member of a replica set, its primary: only that makes drivers retry writes and use change streams. No
 * `topologyVersion`: with it drivers would want a stream of greetings.
 */
function writeHello(call: Call, legacy: boolean): void {
  const { reply, socketPath, client, args } = call;
  const metadata = args.get('client');
  if (metadata) {
    const application = fields(metadata).get('application');
    const name = application && fields(application).get('name');
    client.appName = (name && asString(name)) ?? '';
  }
  if (legacy) reply.bool('helloOk', true).bool('ismaster', true);
  else reply.bool('isWritablePrimary', true);
  reply.string('setName', 'embedded').int32('setVersion', 1).bool('secondary', false);
  reply.openArray('hosts').string('0', socketPath).close();
  reply.string('primary', socketPath).string('me', socketPath).objectId('electionId', electionId);
  reply.openDocument('lastWrite').date('lastWriteDate', Date.now()).date('majorityWriteDate', Date.now()).close();
  reply.int32('maxBsonObjectSize', maxDocumentBytes).int32('maxMessageSizeBytes', maxMessageBytes);
  reply.int32('maxWriteBatchSize', maxWriteBatch).date('localTime', Date.now());
  reply.int32('logicalSessionTimeoutMinutes', sessionTimeoutMinutes).int32('connectionId', client.id);
  reply.int32('minWireVersion', 0).int32('maxWireVersion', maxWireVersion).bool('readOnly', false);
}

const helloFields = [
  'helloOk',
  'client',
  'compression',
  'topologyVersion',
  'maxAwaitTimeMS',
  'loadBalanced',
  'saslSupportedMechs',
  'speculativeAuthenticate',
  'backpressure',
];

export const hello = command(helloFields, (call) => writeHello(call, false));
export const isMaster = command(helloFields, (call) => writeHello(call, true));
export const ping = command([], () => undefined);

export const buildInfo = command([], ({ reply }) => {
  reply.string('version', version).string('gitVersion', 'embedded').openArray('modules').close();
  reply.openArray('versionArray').int32('0', 8).int32('1', 0).int32('2', 0).int32('3', 0).close();
  reply.int32('bits', 64).bool('debug', false).int32('maxBsonObjectSize', maxDocumentBytes);
  reply.openArray('storageEngines').string('0', 'lmdb').close();
});

export const serverStatus = command(['*'], ({ reply, cursors, startedAt }) => {
  const uptimeMs = Date.now() - startedAt;
  reply
    .string('host', 'embedded')
    .string('version', version)
    .string('process', 'mongod')
    .int64('pid', BigInt(process.pid));
  reply
    .double('uptime', Math.floor(uptimeMs / 1000))
    .int64('uptimeMillis', BigInt(uptimeMs))
    .date('localTime', Date.now());
  reply.openDocument('metrics').openDocument('cursor').openDocument('open').int64('total', BigInt(cursors.size));
  reply.close().close().close();
  reply.openDocument('storageEngine').string('name', 'lmdb').bool('persistent', true).close();
});

export const connectionStatus = command(['showPrivileges'], ({ reply }) => {
  reply
    .openDocument('authInfo')
    .openArray('authenticatedUsers')
    .close()
    .openArray('authenticatedUserRoles')
    .close()
    .close();
});

export const getParameter = command(['*'], ({ reply, args, failPoints }) => {
  reply.openDocument('featureCompatibilityVersion').string('version', '8.0').close();
  if (args.has('enableTestCommands')) reply.bool('enableTestCommands', failPoints.enabled);
});

export const configureFailPoint = command(['*'], ({ args, failPoints }) => failPoints.configure(args));
