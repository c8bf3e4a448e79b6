import { dropMailbox, openBench10k } from '../mailboxes.js';
import type { Run } from '../measure.js';
import { checkEqual } from '../target.js';
import { hitCount } from './search.js';

/** store-all: one STORE of 10,000 messages; store-1000: 1,000 STOREs of one message each, pipelined in one write. */
export async function store(run: Run): Promise<void> {
  await dropMailbox(run.target, 2, 'Scratch');
  const client = await openBench10k(run.target);
  await client.command('CREATE Scratch');
  await client.command('UID COPY 1:* Scratch');
  await client.select('Scratch');
  await client.command('UID STORE 1:* -FLAGS.SILENT (\\Seen \\Flagged)');
  checkEqual(await client.status('Scratch', 'UNSEEN'), 10_000, 'store: unseen before');
  const uids = (await client.lines('UID SEARCH ALL')).join(' ').match(/\d+/g)!.slice(0, 1000);
  await run.rate('store-all', 'msg/s', async () => {
    await client.command('UID STORE 1:* +FLAGS.SILENT (\\Seen)');
    return 10_000;
  });
  checkEqual(await client.status('Scratch', 'UNSEEN'), 0, 'store-all: unseen after');
  await run.rate('store-1000', 'cmd/s', async () => {
    await client.pipeline(uids.map((uid) => `UID STORE ${uid} +FLAGS.SILENT (\\Flagged)`));
    return 1000;
  });
  checkEqual(hitCount(await client.lines('UID SEARCH FLAGGED')), 1000, 'store-1000: flagged after');
  await client.logout();
  await dropMailbox(run.target, 2, 'Scratch');
}
