import { appendAll } from '../load.js';
import { message } from '../mail/corpus.js';
import { emptyInbox, smallMessages } from '../mailboxes.js';
import { eachLimit, quantile, type Run, range } from '../measure.js';
import { check } from '../target.js';

/**
 * 50 connections of 50 users, 100 messages each at first, without think time: LOGIN, SELECT, 20 of {new flags 20 %, a body 25 %,
 * STORE 15 %, APPEND 10 %, SEARCH 10 %, NOOP 10 %, IDLE and DONE 10 %}, LOGOUT, again.
 */
export async function mixed(run: Run): Promise<void> {
  const { target } = run;
  const users = range(61, 110);
  await eachLimit(users, 8, async (user) => {
    await emptyInbox(target, user, 100);
    const client = await target.imap(user);
    const have = await client.status('INBOX', 'MESSAGES');
    const items = range(have, 99).map((i) => ({ body: message('mix10k', i), flags: i % 2 ? '\\Seen' : '' }));
    if (have < 100) await appendAll(client, 'INBOX', items, 50);
    await client.logout();
  });
  let seed = 12345;
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed / 0x7fffffff;
  };
  const latencies: number[] = [];
  const byKind = new Map<string, number>();
  const timed = async <T>(kind: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    latencies.push(performance.now() - start);
    byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
    return result;
  };
  const end = performance.now() + run.options.mixedSeconds * 1000;
  const session = async (user: number) => {
    const client = await timed('login', () => target.imap(user));
    await client.capabilities();
    await timed('select', () => client.select('INBOX'));
    for (let k = 0; k < 20 && performance.now() < end; k++) {
      const n = 1 + Math.floor(random() * Math.min(100, client.exists));
      const x = random();
      if (x < 0.2) {
        const from = Math.max(1, client.exists - 20);
        await timed('fetch-new', () => client.command(`FETCH ${from}:* (UID FLAGS ENVELOPE)`));
      } else if (x < 0.45) {
        const before = client.literals;
        await timed('fetch-body', () => client.command(`FETCH ${n} (UID BODY.PEEK[])`));
        check(client.literals === before + 1, 'mixed: no body came');
      } else if (x < 0.6) {
        const sign = random() < 0.5 ? '+' : '-';
        await timed('store', () => client.command(`STORE ${n} ${sign}FLAGS (\\Seen)`));
      } else if (x < 0.7) {
        await timed('append', () => client.append('INBOX', [{ body: smallMessages()[n]!, flags: '\\Seen' }]));
      } else if (x < 0.8) await timed('search', () => client.command('UID SEARCH UNSEEN'));
      else if (x < 0.9) await timed('noop', () => client.command('NOOP'));
      else {
        await timed('idle', async () => {
          await client.idle();
          await client.done();
        });
      }
    }
    await timed('logout', () => client.logout());
  };
  const { wallMs, ...circumstances } = await run.timed(async () => {
    await Promise.all(
      users.map(async (user) => {
        while (performance.now() < end) await session(user);
      }),
    );
    return latencies.length;
  });
  run.row('mixed', 'op/s', latencies.length / (wallMs / 1000), circumstances);
  run.row('mixed-p50', 'ms', quantile(latencies, 0.5), circumstances);
  run.row('mixed-p99', 'ms', quantile(latencies, 0.99), circumstances);
  for (const kind of ['append', 'store', 'search', 'idle', 'fetch-body']) {
    check((byKind.get(kind) ?? 0) > 10, `mixed: ${kind} hardly ran`);
  }
  await eachLimit(users, 8, (user) => emptyInbox(target, user, 100));
}
