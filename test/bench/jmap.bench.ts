/**
 * JMAP over a socket at a large account: what a webmail asks, and how long it waits (webmail budgets: a list call of 50 rows costs
 * at most 40 ms at the 95th percentile). `node test/dist/bench/jmap.bench.js [messages]`. Times are of the client's wall clock, with
 * JSON and the loopback, and want an idle machine; `cpu` is of this process, client and store included, and does not.
 */
import type { Invocation } from '@vaguemestre/shared/jmap/core';
import { rowProperties } from '@vaguemestre/webmail/jmap/store/email-row';
import { type Answer, type JmapPerson, startJmapService } from '../harness/jmap-service.js';
import { appendOctets, inboxOf, letter, stageMessage } from '../harness/store-messages.js';
import { message as mail } from './mail/corpus.js';
import { eachLimit, quantile } from './measure.js';

const messages = Number(process.argv[2] ?? 100_000);
const rows = 50;
async function fill(person: JmapPerson): Promise<void> {
  const { account } = person;
  const inbox = inboxOf(account);
  const batch = 250;
  await eachLimit(
    Array.from({ length: Math.ceil(messages / batch) }, (_, i) => i * batch),
    4,
    async (start) => {
      const items = [];
      for (let i = start; i < Math.min(messages, start + batch); i++) {
        const message = await stageMessage(account, mail('big100k', i));
        items.push({
          message,
          flags: i % 10 < 7 ? ['\\Seen'] : [],
          date: 1_500_000_000 + ((i * 7919) % messages) * 600,
        });
      }
      await account.append(inbox, items);
    },
  );
}

async function measure(name: string, count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await work(i);
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  const cpu = (user + system) / 1000 / count;
  const [p50, p95, worst] = [quantile(times, 0.5), quantile(times, 0.95), Math.max(...times)];
  const ms = (value: number): string => value.toFixed(1).padStart(8);
  console.log(`${name.padEnd(52)} p50 ${ms(p50)}  p95 ${ms(p95)}  max ${ms(worst)}  cpu ${ms(cpu)} ms`);
}

const service = await startJmapService({ committedReads: true });
try {
  const person = await service.person();
  const { accountId } = person;
  const inbox = inboxOf(person.account);
  const begun = performance.now();
  await fill(person);
  console.log(`${messages.toLocaleString('en')} messages in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  // Cards and signatures are derived in the background.
  for (let i = 0; i < 40; i++) await person.account.subscribe(`filler-${i}`, true);
  await new Promise((resolve) => setTimeout(resolve, 5_000));

  const list = async (
    query: Record<string, unknown>,
    properties: readonly string[] = rowProperties,
  ): Promise<Answer> => {
    const calls: Invocation[] = [
      ['Email/query', { accountId, limit: rows, calculateTotal: true, ...query }, 'q'],
      ['Email/get', { accountId, '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' }, properties }, 'g'],
    ];
    const { methodResponses } = await person.request(calls);
    const [[, ids], [, got]] = methodResponses as [Answer, Answer];
    if (ids.ids === undefined || got.list === undefined) throw new Error(JSON.stringify(methodResponses));
    return got;
  };
  const filter = { inMailbox: inbox };
  const anywhere = (i: number): number => (i * 104_729) % messages;
  await measure('first list: the index is built', 1, () => list({ filter }));
  await measure('query+get 50 rows, top', 200, () => list({ filter }));
  await measure('query+get 50 rows, any position', 300, (i) => list({ filter, position: anywhere(i) }));
  await measure('query+get 50 rows, any position, once more', 300, (i) => list({ filter, position: anywhere(i) }));
  await measure('query+get 50 threads, any position', 200, (i) =>
    list({ filter, collapseThreads: true, position: anywhere(i) >> 1 }),
  );
  await measure('after each new message: query+get, top', 50, async (i) => {
    await appendOctets(person.account, inbox as never, letter(`new ${i}`));
    await list({ filter });
  });
  await measure('unread only, any position', 100, (i) =>
    list({ filter: { ...filter, notKeyword: '$seen' }, position: anywhere(i) >> 2 }),
  );
  await measure('a flag is set, then unread only', 30, async (i) => {
    await person.account.storeFlags(inbox as never, {
      uids: Uint32Array.of(1 + i * 10),
      mode: 'add',
      flags: ['\\Flagged'],
    });
    await list({ filter: { ...filter, notKeyword: '$seen' } });
  });
  for (const property of ['from', 'subject', 'size']) {
    const sort = [{ property }];
    await measure(`by ${property}, the first time`, 1, () => list({ filter, sort }));
    await measure(`by ${property}, any position`, 50, (i) => list({ filter, sort, position: anywhere(i) }));
  }
  await measure('has an attachment, the first time', 1, () => list({ filter: { hasAttachment: true } }));
  await measure('Mailbox/get with counts after a change', 30, async (i) => {
    await person.account.storeFlags(inbox as never, {
      uids: Uint32Array.of(5 + i * 10),
      mode: 'add',
      flags: ['\\Seen'],
    });
    await person.call('Mailbox/get', { ids: null });
  });
  await measure('text search, a word of one message', 20, () => list({ filter: { text: 'zyxquorum' } }));
  await measure('text search, a frequent word in the subject', 10, () => list({ filter: { subject: 'budget' } }));
  const [some] = (await person.call('Email/query', { filter, limit: 1 })).ids;
  await measure('open one message: texts and attachments', 100, () =>
    person.call('Email/get', { ids: [some], fetchTextBodyValues: true, fetchHTMLBodyValues: true }),
  );
  await measure('mark 50 as read', 30, async (i) => {
    const { ids } = await person.call('Email/query', { filter, limit: rows, position: i * rows });
    await person.call('Email/set', {
      update: Object.fromEntries(ids.map((id: string) => [id, { 'keywords/$seen': true }])),
    });
  });
  const { state } = await person.call('Email/get', { ids: [] });
  await person.account.storeFlags(inbox as never, { uids: Uint32Array.of(3), mode: 'add', flags: ['$Label1'] });
  await measure('Email/changes of one entry', 50, () => person.call('Email/changes', { sinceState: state }));
  await measure('what a tab asks when it is told of a change', 100, async (i) => {
    const since = String(person.account.modseq);
    await person.account.storeFlags(inbox as never, {
      uids: Uint32Array.of(7 + i),
      mode: 'add',
      flags: ['\\Answered'],
    });
    await person.request(
      ['Mailbox', 'Thread', 'Email'].map((type) => [`${type}/changes`, { accountId, sinceState: since }, type]),
    );
  });
  await measure('Core/echo: a request that does nothing', 300, () => person.call('Core/echo', {}));
  const file = new Uint8Array(10_000_000).map((_, i) => i * 31);
  let blob = '';
  await measure('upload of 10 MB', 10, async () => {
    const reply = await person.fetch(`/jmap/upload/${accountId}/`, { method: 'POST', body: file });
    ({ blobId: blob } = (await reply.json()) as Answer);
  });
  await measure('download of 10 MB', 10, async () => {
    await (await person.fetch(`/jmap/download/${accountId}/${blob}/file`)).arrayBuffer();
  });
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  console.log(
    `memory: rss ${(rss / 1e6).toFixed(0)} MB, heap ${(heapUsed / 1e6).toFixed(0)} MB, buffers ${(arrayBuffers / 1e6).toFixed(0)} MB`,
  );
} finally {
  await service.close();
}
