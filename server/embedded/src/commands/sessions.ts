/** endSessions, killSessions, refreshSessions, startSession: a session is its record of the last numbered write, no more. */
import { randomBytes } from 'node:crypto';
import { items } from '../bson/element.js';
import { command } from '../server/call.js';
import { sessionId, sessionTimeoutMinutes } from '../server/sessions.js';
import { requiredArray } from './argument.js';

function listed(args: Parameters<typeof requiredArray>[0], name: string): Buffer[] {
  return items(requiredArray(args, name)).map((value) => sessionId(value)!);
}

export const endSessions = command([], ({ args, sessions }) => sessions.end(listed(args, 'endSessions')));
export const killSessions = command([], ({ args, sessions }) => sessions.end(listed(args, 'killSessions')));
export const killAllSessions = command([], () => undefined);
export const refreshSessions = command([], () => undefined);

export const startSession = command([], ({ reply }) => {
  reply.openDocument('id').binary('id', randomBytes(16), 4).close().int32('timeoutMinutes', sessionTimeoutMinutes);
});
