/** All commands by name. What is not here is answered with CommandNotFound. */
import type { Command } from '../server/call.js';
import { aggregate } from './aggregate.js';
import { bulkWrite } from './bulk-write.js';
import { create, drop, dropDatabase, listCollections, listDatabases } from './collections.js';
import { count, distinct } from './count.js';
import { deleteCommand } from './delete.js';
import { find, getMore, killCursors } from './find.js';
import { findAndModify } from './find-and-modify.js';
import {
  buildInfo,
  configureFailPoint,
  connectionStatus,
  getParameter,
  hello,
  isMaster,
  ping,
  serverStatus,
} from './hello.js';
import { holdCommits } from './hold-commits.js';
import { createIndexes, dropIndexes, listIndexes } from './indexes.js';
import { insert } from './insert.js';
import { endSessions, killAllSessions, killSessions, refreshSessions, startSession } from './sessions.js';
import { update } from './update.js';

export const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['hello', hello],
  ['isMaster', isMaster],
  ['ismaster', isMaster],
  ['ping', ping],
  ['buildInfo', buildInfo],
  ['buildinfo', buildInfo],
  ['serverStatus', serverStatus],
  ['connectionStatus', connectionStatus],
  ['getParameter', getParameter],
  ['configureFailPoint', configureFailPoint],
  ['find', find],
  ['getMore', getMore],
  ['killCursors', killCursors],
  ['insert', insert],
  ['update', update],
  ['delete', deleteCommand],
  ['bulkWrite', bulkWrite],
  ['findAndModify', findAndModify],
  ['findandmodify', findAndModify],
  ['aggregate', aggregate],
  ['count', count],
  ['distinct', distinct],
  ['createIndexes', createIndexes],
  ['listIndexes', listIndexes],
  ['dropIndexes', dropIndexes],
  ['holdCommits', holdCommits],
  ['create', create],
  ['drop', drop],
  ['dropDatabase', dropDatabase],
  ['listCollections', listCollections],
  ['listDatabases', listDatabases],
  ['endSessions', endSessions],
  ['killSessions', killSessions],
  ['killAllSessions', killAllSessions],
  ['refreshSessions', refreshSessions],
  ['startSession', startSession],
]);
