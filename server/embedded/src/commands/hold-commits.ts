/**
 * holdCommits, which MongoDB does not have: replies when no commit is under way, and none begins until the connection is
 * closed, or for two seconds. For processes that are about to open the files (`client/beside-server.ts`).
 */
import { command } from '../server/call.js';

export const holdCommits = command([], async ({ engine, client }) => {
  const release = await engine.storage.hold();
  if (client.closed.aborted) release();
  else client.closed.addEventListener('abort', release, { once: true });
});
