import type { BenchImap } from '../clients/imap.js';
import { BenchLmtp } from '../clients/lmtp.js';
import { emptyInbox, stuffedMessages } from '../mailboxes.js';
import { type Circumstances, eachLimit, quantile, type Run, range, sleep } from '../measure.js';
import { checkEqual, SkippedScenario } from '../target.js';

const connections = 200;
const deliveries = 15;

/** From the LMTP 250 to EXISTS seen in IDLE (below 0: seen before the 250). */
export async function idle(run: Run): Promise<void> {
  if (run.target.ports.lmtp === undefined) throw new SkippedScenario('no LMTP port');
  await idleOnOneInbox(run);
  await idleOnManyInboxes(run);
}

function put(run: Run, name: string, latencies: readonly number[], circumstances: Circumstances): void {
  run.row(`${name}-p50`, 'ms', quantile(latencies, 0.5), circumstances);
  run.row(`${name}-p99`, 'ms', quantile(latencies, 0.99), circumstances);
}

async function idling(run: Run, users: readonly number[]): Promise<BenchImap[]> {
  const clients: BenchImap[] = [];
  for (const user of users) {
    const client = await run.target.imap(user);
    await client.select('INBOX');
    await client.idle();
    clients.push(client);
  }
  await sleep(1000);
  return clients;
}

async function leave(clients: readonly BenchImap[]): Promise<void> {
  for (const client of clients) {
    client.onExists = undefined;
    await client.done();
    await client.logout();
  }
}

async function within45Seconds(work: Promise<unknown>, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`CHECK: ${what}: EXISTS not seen in 45 s`)), 45_000);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function idleOnOneInbox(run: Run): Promise<void> {
  const clients = await idling(run, new Array<number>(connections).fill(11));
  const base = clients[0]!.exists;
  const sender = await BenchLmtp.connect(run.target);
  const latencies: number[] = [];
  const circumstances = await run.timed(async () => {
    for (let k = 1; k <= deliveries; k++) {
      const seen: number[] = [];
      const all = clients.map(
        (client) =>
          new Promise<void>((resolve) => {
            client.onExists = (count) => {
              if (count < base + k) return;
              seen.push(performance.now());
              client.onExists = undefined;
              resolve();
            };
          }),
      );
      await sender.deliver([run.target.address(11)], stuffedMessages()[k]!);
      const acknowledged = performance.now();
      await within45Seconds(Promise.all(all), 'idle-same');
      for (const time of seen) latencies.push(time - acknowledged);
      await sleep(100);
    }
    return deliveries * connections;
  });
  checkEqual(latencies.length, deliveries * connections, 'idle-same: notifications');
  put(run, 'idle-same', latencies, circumstances);
  await leave(clients);
  await sender.quit();
  await emptyInbox(run.target, 11);
}

async function idleOnManyInboxes(run: Run): Promise<void> {
  const users = range(11, 10 + connections);
  const clients = await idling(run, users);
  const sender = await BenchLmtp.connect(run.target);
  const latencies: number[] = [];
  const circumstances = await run.timed(async () => {
    const seen = new Float64Array(connections);
    const acknowledged = new Float64Array(connections);
    const all = clients.map((client, i) => {
      const base = client.exists;
      return new Promise<void>((resolve) => {
        client.onExists = (count) => {
          if (count <= base || seen[i] !== 0) return;
          seen[i] = performance.now();
          resolve();
        };
      });
    });
    const start = performance.now();
    for (const [i, user] of users.entries()) {
      const wait = start + i * 20 - performance.now();
      if (wait > 0) await sleep(wait);
      await sender.deliver([run.target.address(user)], stuffedMessages()[i % 200]!);
      acknowledged[i] = performance.now();
    }
    await within45Seconds(Promise.all(all), 'idle-diff');
    for (let i = 0; i < connections; i++) latencies.push(seen[i]! - acknowledged[i]!);
    return connections;
  });
  put(run, 'idle-diff', latencies, circumstances);
  await leave(clients);
  await sender.quit();
  await eachLimit(users, 8, (user) => emptyInbox(run.target, user));
}
