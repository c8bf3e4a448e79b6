import type { BenchImap } from '../clients/imap.js';
import { dropMailbox, smallMessages } from '../mailboxes.js';
import { type Run, range } from '../measure.js';
import { checkEqual } from '../target.js';

/** Messages of 5 KB, the next one after the tagged OK. append-10: ten users; append-10same: ten connections, one mailbox. */
export async function append(run: Run): Promise<void> {
  const messages = smallMessages();
  for (const [name, width, same] of [
    ['append-1', 1, false],
    ['append-10', 10, false],
    ['append-10same', 10, true],
  ] as const) {
    const users = range(0, width - 1).map((i) => (same ? 211 : 211 + i));
    for (const user of new Set(users)) await dropMailbox(run.target, user, 'App');
    const clients: BenchImap[] = [];
    for (const [i, user] of users.entries()) {
      const client = await run.target.imap(user);
      await client.capabilities();
      if (!same || i === 0) await client.command('CREATE App');
      clients.push(client);
    }
    let next = 0;
    const work = (i: number) => clients[i]!.append('App', [{ body: messages[next++ % 200]!, flags: '\\Seen' }]);
    const done = await run.rate(name, 'msg/s', () => run.loop(width, work));
    let stored = 0;
    for (const client of same ? clients.slice(0, 1) : clients) stored += await client.status('App', 'MESSAGES');
    checkEqual(stored, done, `${name}: messages stored`);
    for (const client of clients) await client.logout();
    for (const user of new Set(users)) await dropMailbox(run.target, user, 'App');
  }
}
