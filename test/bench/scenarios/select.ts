import type { BenchImap } from '../clients/imap.js';
import type { Run } from '../measure.js';
import { checkEqual } from '../target.js';

/** SELECT of 100,000 messages: -cold after a restart, -new on a new connection, -again on the same one (means of 5). */
export async function select100k(run: Run): Promise<void> {
  const select = async (client: BenchImap) => {
    await client.select('Bench100k');
    checkEqual(client.exists, 100_000, 'messages in Bench100k (run load first)');
  };
  if (await run.target.restart()) {
    const cold = await run.target.imap(1);
    await run.latency('select100k-cold', async () => {
      await select(cold);
      return 1;
    });
    await cold.logout();
  }
  const clients: BenchImap[] = [];
  for (let i = 0; i < 5; i++) clients.push(await run.target.imap(1));
  await run.latency('select100k-new', async () => {
    for (const client of clients) await select(client);
    return 5;
  });
  await run.latency('select100k-again', async () => {
    for (let i = 0; i < 5; i++) await select(clients[0]!);
    return 5;
  });
  for (const client of clients) await client.logout();
}
