import { BenchLmtp } from '../clients/lmtp.js';
import { emptyInbox, inboxCount, stuffedMessages } from '../mailboxes.js';
import { eachLimit, type Run, range } from '../measure.js';
import { checkEqual, SkippedScenario, type Target } from '../target.js';

async function countAll(target: Target, users: readonly number[]): Promise<number> {
  let sum = 0;
  await eachLimit(users, 8, async (user) => {
    const count = await inboxCount(target, user);
    sum += count;
  });
  return sum;
}

/** lmtp-1, lmtp-10: connections, one recipient a message, 20 users in turn. lmtp-100rcpt: one connection, 100 recipients. */
export async function lmtp(run: Run): Promise<void> {
  const { target } = run;
  if (target.ports.lmtp === undefined) throw new SkippedScenario('no LMTP port');
  const messages = stuffedMessages();
  for (const [name, width, recipients] of [
    ['lmtp-1', 1, 1],
    ['lmtp-10', 10, 1],
    ['lmtp-100rcpt', 1, 100],
  ] as const) {
    const users = range(21, recipients === 1 ? 40 : 120);
    const addresses = users.map((user) => target.address(user));
    const before = await countAll(target, users);
    const clients: BenchLmtp[] = [];
    for (let i = 0; i < width; i++) clients.push(await BenchLmtp.connect(target));
    let next = 0;
    const work = (i: number) => {
      const n = next++;
      return clients[i]!.deliver(recipients === 1 ? [addresses[n % 20]!] : addresses, messages[n % 200]!);
    };
    const unit = recipients === 1 ? 'msg/s' : 'delivery/s';
    const done = await run.rate(name, unit, async () => recipients * (await run.loop(width, work)));
    for (const client of clients) await client.quit();
    checkEqual((await countAll(target, users)) - before, done, `${name}: messages delivered`);
    await eachLimit(users, 8, (user) => emptyInbox(target, user));
  }
}
