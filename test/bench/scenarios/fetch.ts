import type { BenchImap } from '../clients/imap.js';
import { bigMessage, totals } from '../mail/corpus.js';
import { openBench10k } from '../mailboxes.js';
import type { Run } from '../measure.js';
import { check, checkEqual } from '../target.js';

async function fetchRow(run: Run, name: string, client: BenchImap, count: number, items: string, leastOctets: number) {
  const before = { octets: client.octets, fetched: client.fetched };
  await run.rate(name, 'msg/s', async () => {
    await client.command(`UID FETCH 1:* (${items})`);
    return client.fetched - before.fetched;
  });
  checkEqual(client.fetched - before.fetched, count, `${name}: FETCH responses`);
  check(client.octets - before.octets >= leastOctets, `${name}: only ${client.octets - before.octets} octets came`);
}

export async function fetchFlags(run: Run): Promise<void> {
  const client = await run.target.imap(1);
  await client.select('Bench100k');
  await fetchRow(run, 'fetch-flags', client, 100_000, 'UID FLAGS', 100_000 * 25);
  await client.logout();
}

export async function fetchList(run: Run): Promise<void> {
  const client = await openBench10k(run.target);
  const items = 'UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE';
  await fetchRow(run, 'fetch-list', client, 10_000, items, 10_000 * 500);
  await client.logout();
}

export async function fetchHeaders(run: Run): Promise<void> {
  const client = await openBench10k(run.target);
  const items = 'BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE MESSAGE-ID REFERENCES)]';
  await fetchRow(run, 'fetch-headers', client, 10_000, items, 10_000 * 200);
  await client.logout();
}

/** All bodies of 10,000 messages, then one message of 25 MB; octets must equal the corpus's. */
export async function fetchBodies(run: Run): Promise<void> {
  const client = await openBench10k(run.target);
  const wanted = totals('mix10k').octets;
  let before = client.literalOctets;
  const many = await run.timed(async () => {
    await client.command('UID FETCH 1:* (BODY.PEEK[])');
    return 10_000;
  });
  checkEqual(client.literalOctets - before, wanted, 'fetch-bodies: octets');
  run.row('fetch-bodies', 'MB/s', wanted / 1e6 / (many.wallMs / 1000), many);
  await client.select('Big');
  before = client.literalOctets;
  const one = await run.timed(async () => {
    await client.command('UID FETCH 1:* (BODY.PEEK[])');
    return 1;
  });
  const size = bigMessage().length;
  checkEqual(client.literalOctets - before, size, 'fetch-25mb: octets');
  run.row('fetch-25mb', 'MB/s', size / 1e6 / (one.wallMs / 1000), one);
  await client.logout();
}
