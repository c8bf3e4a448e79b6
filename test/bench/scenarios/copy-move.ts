import { dropMailbox, openBench10k } from '../mailboxes.js';
import type { Run } from '../measure.js';
import { checkEqual } from '../target.js';

/** 10,000 messages copied, moved, expunged. */
export async function copyMove(run: Run): Promise<void> {
  for (const mailbox of ['Copy', 'Moved']) await dropMailbox(run.target, 2, mailbox);
  const client = await openBench10k(run.target);
  await client.command('CREATE Copy');
  await client.command('CREATE Moved');
  await run.rate('copy-10k', 'msg/s', async () => {
    await client.command('UID COPY 1:* Copy');
    return 10_000;
  });
  checkEqual(await client.status('Copy', 'MESSAGES'), 10_000, 'copy-10k');
  await client.select('Copy');
  await run.rate('move-10k', 'msg/s', async () => {
    await client.command('UID MOVE 1:* Moved');
    return 10_000;
  });
  checkEqual(await client.status('Moved', 'MESSAGES'), 10_000, 'move-10k: target');
  await client.select('Moved');
  checkEqual(await client.status('Copy', 'MESSAGES'), 0, 'move-10k: source');
  await client.command('UID STORE 1:* +FLAGS.SILENT (\\Deleted)');
  const before = client.expunged;
  await run.rate('expunge-10k', 'msg/s', async () => {
    await client.command('EXPUNGE');
    return client.expunged - before;
  });
  checkEqual(client.expunged - before, 10_000, 'expunge-10k: EXPUNGE responses');
  await client.logout();
  for (const mailbox of ['Copy', 'Moved']) await dropMailbox(run.target, 2, mailbox);
}
