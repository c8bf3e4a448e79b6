import type { BenchImap } from '../clients/imap.js';
import { eachLimit, type Run, range, sleep } from '../measure.js';
import { checkEqual } from '../target.js';

const connections = 1000;

/** PSS of the process trees: mem-0 with no connection, mem-auth a connection after LOGIN, mem-idle a connection in IDLE. */
export async function memory(run: Run): Promise<void> {
  const { target } = run;
  if (!(await target.restart())) await (await target.imap(4)).logout();
  await sleep(1500);
  const empty = target.memory();
  const clients: BenchImap[] = [];
  const open = () => clients.filter((client) => !client.closed).length;
  try {
    await eachLimit(range(0, connections - 1), 10, async (i) => {
      clients.push(await target.imap(1 + (i % target.description.users.count)));
    });
    await sleep(2500);
    checkEqual(open(), connections, 'memory: open connections');
    const authenticated = target.memory();
    await eachLimit(clients, 10, async (client) => {
      await client.select('INBOX');
      await client.idle();
    });
    await sleep(2500);
    checkEqual(open(), connections, 'memory: open connections in IDLE');
    const idling = target.memory();
    run.row('mem-0', 'KB', empty.kilobytes);
    run.row('mem-auth', 'KB/conn', (authenticated.kilobytes - empty.kilobytes) / connections);
    run.row('mem-idle', 'KB/conn', (idling.kilobytes - empty.kilobytes) / connections);
  } finally {
    for (const client of clients) client.destroy();
  }
  await target.restart(); // leaves no crowd of spare processes to the next scenario
}
