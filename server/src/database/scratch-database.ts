import { BSON } from 'mongodb';
import type { ChangeFeed } from './change-feed.js';
import type { Commits } from './commits.js';
import type { MailDatabase } from './database.js';
import type { RootDocument } from './documents.js';
import type { DirectCommands } from './inserts.js';

/**
 * A database of one account of which nothing is kept: what is committed is acknowledged and forgotten, and nothing but the
 * account's root is ever found. The code above it does not notice until it reads a message back. For a process that tries its
 * code out before anybody's mail depends on it. What is not answered here, throws.
 */
export function scratchDatabase(
  root: RootDocument,
  { messages }: Pick<MailDatabase, 'messages'>,
  commitsTo: (direct: DirectCommands) => Commits,
): MailDatabase {
  // As it would be read: the code above then meets objects of the same make as later.
  const read = BSON.deserialize(BSON.serialize(root), { promoteBuffers: true }) as RootDocument;
  const nothing = async (): Promise<void> => undefined;
  const direct: DirectCommands = { insertAll: async () => undefined };
  const database: ScratchParts = {
    roots: {
      get: async (account) => (account === read.a ? read : undefined),
      generation: async () => read.g,
      missing: async () => [],
    },
    changes: { after: async () => [], behind: async () => [] },
    segments: { load: async () => [] },
    // An account that is not there has no threads: this alone is asked of the store.
    messages: { threads: messages.threads },
    contents: { writePiece: nothing },
    commits: commitsTo(direct),
    feed: silentFeed(),
  };
  return database as MailDatabase;
}

/** Of an account that nobody else changes. */
function silentFeed(): ChangeFeed {
  let end: (error: Error) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    end = reject;
  });
  ended.catch(() => undefined);
  return {
    open: async () => undefined,
    next: () => ended,
    close: async () => end(new Error('the change feed is closed')),
  };
}

type Some<T> = { readonly [K in keyof T]?: Partial<T[K]> };
type ScratchParts = Some<Omit<MailDatabase, 'commits' | 'feed'>> & Pick<MailDatabase, 'commits' | 'feed'>;
