/** The rehearsal: the whole way of a message, on a database of which nothing is kept. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Collections } from '@vaguemestre/server/database/collections';
import { commits } from '@vaguemestre/server/database/commits';
import type { Connection } from '@vaguemestre/server/database/connection';
import type { MailDatabase } from '@vaguemestre/server/database/database';
import type { RootDocument } from '@vaguemestre/server/database/documents';
import type { DirectCommands } from '@vaguemestre/server/database/inserts';
import { scratchDatabase } from '@vaguemestre/server/database/scratch-database';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { rehearse } from '@vaguemestre/server/main/rehearsal';

describe('the rehearsal of a worker', () => {
  const named = (name: string) => ({ namespace: `test.${name}` });
  const collections = Object.fromEntries(
    ['contents', 'messages', 'sigs', 'segments', 'changes'].map((name) => [name, named(name)]),
  ) as unknown as Collections;
  const connection = { oneCommandCommits: true } as Connection;
  const messages = { threads: async () => [] } as unknown as MailDatabase['messages'];

  /** Counts the commands that would have gone to the store. */
  function counted(): { database: (root: RootDocument) => MailDatabase; commands: () => number } {
    let commands = 0;
    const counting = (direct: DirectCommands): DirectCommands => ({
      insertAll(inserts, ordered) {
        commands++;
        return direct.insertAll(inserts, ordered);
      },
    });
    return {
      database: (root) =>
        scratchDatabase(root, { messages }, (direct) => commits(connection, collections, counting(direct))),
      commands: () => commands,
    };
  }

  it('plays every round it was asked for, by IMAP and by LMTP, and every message is taken', async () => {
    const { database, commands } = counted();
    const rounds = 40;
    // A refusal in any protocol ends it with an error.
    assert.equal(await rehearse({ database, clock: systemClock, rounds }, new AbortController().signal), rounds);
    assert.ok(commands() > rounds, 'more messages than rounds were committed');
  });

  it('stops when it is told to, and when its time is over', async () => {
    const { database } = counted();
    assert.equal(await rehearse({ database, clock: systemClock, rounds: 40 }, AbortSignal.abort()), 0);
    const short = { database, clock: systemClock, rounds: 100_000, atMostMs: 50 };
    assert.ok((await rehearse(short, new AbortController().signal)) < 100_000);
  });
});
