/** RFC 8620 section 7.3 over a socket: what IMAP and other processes change is told within a second. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { maxJmapEventStreams } from '@vaguemestre/server/kernel/limits';
import type { StateChange } from '@vaguemestre/shared/jmap/core';
import { type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { put } from '../../harness/mail-account.js';

let service: JmapService;
let ada: JmapPerson;

before(async () => {
  service = await startJmapService();
  ada = await service.person();
});
after(() => service.close());

interface Event {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: string;
}

interface Stream {
  readonly reply: Response;
  /** The next event; undefined when the stream ended; fails after 5 s. */
  next(): Promise<Event | undefined>;
  close(): Promise<void>;
}

async function open(person: JmapPerson, query: string, lastEventId?: string): Promise<Stream> {
  const stop = new AbortController();
  const reply = await person.fetch(`/jmap/eventsource/?${query}`, {
    headers: { accept: 'text/event-stream', ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) },
    signal: stop.signal,
  });
  assert.equal(reply.status, 200);
  const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const read = async (): Promise<Event | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end < 0) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        text += value;
        continue;
      }
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const event = field('event');
      if (event !== undefined) return { event, id: field('id'), data: field('data') ?? '' };
    }
  };
  return {
    reply,
    next: () =>
      Promise.race([
        read(),
        sleep(5_000, undefined, { ref: false }).then(() => {
          throw new Error('no event in time');
        }),
      ]),
    async close() {
      stop.abort();
      await reader.cancel().catch(() => undefined);
    },
  };
}

function changedOf(event: Event | undefined, person: JmapPerson): Readonly<Record<string, string>> {
  assert.equal(event?.event, 'state');
  const change = JSON.parse(event!.data) as StateChange;
  assert.equal(change['@type'], 'StateChange');
  assert.deepEqual(Object.keys(change.changed), [person.accountId]);
  return change.changed[person.accountId]!;
}

describe('an event stream', () => {
  it('begins with the present states, which are those of /get', async () => {
    const stream = await open(ada, 'types=*&closeafter=no&ping=0');
    assert.match(String(stream.reply.headers.get('content-type')), /^text\/event-stream/);
    assert.match(String(stream.reply.headers.get('cache-control')), /no-store/);
    assert.equal(stream.reply.headers.get('x-content-type-options'), 'nosniff');
    const states = changedOf(await stream.next(), ada);
    assert.deepEqual(Object.keys(states).sort(), [
      'Email',
      'EmailDelivery',
      'EmailSubmission',
      'Mailbox',
      'Quota',
      'Thread',
    ]);
    assert.equal(states['Email'], String(ada.account.modseq));
    await stream.close();
  });

  it('tells within a second what a session of this process and what another process did', async () => {
    const stream = await open(ada, 'types=*&closeafter=no&ping=0');
    await stream.next();
    const other = await service.database.open();
    const elsewhere = await other.mailstore.openAccount(ada.principal.account, { by: 'elsewhere' });
    for (const account of [ada.account, elsewhere]) {
      const began = performance.now();
      await put(account, 'INBOX', 'Subject: news\r\n\r\nx');
      const states = changedOf(await stream.next(), ada);
      const tookMs = performance.now() - began;
      assert.ok(tookMs < 1_000, `${tookMs} ms`);
      assert.equal(states['Email'], String(account.modseq));
    }
    elsewhere.release();
    await other.close();
    await stream.close();
  });

  it('tells of new mail apart from everything else, and within a second of its delivery', async () => {
    const stream = await open(ada, 'types=EmailDelivery&closeafter=no&ping=0');
    await stream.next();
    await put(ada.account, 'INBOX', 'Subject: first\r\n\r\nx');
    const first = changedOf(await stream.next(), ada);
    const uids = Uint32Array.of(1);
    await ada.account.storeFlags(ada.account.mailbox('INBOX')!.id, { uids, mode: 'add', flags: ['\\Seen'] });
    const other = await service.database.open();
    const delivery = other.mailstore.beginDelivery([{ account: ada.principal.account, prefix: new Uint8Array(0) }], {
      maxBytes: 1_000,
    });
    await delivery.write(Buffer.from('Subject: second\r\n\r\nx'));
    const began = performance.now();
    assert.equal((await delivery.commit())[0]?.kind, 'stored');
    const second = changedOf(await stream.next(), ada);
    assert.ok(performance.now() - began < 1_000);
    assert.equal(Number(second['EmailDelivery']), Number(first['EmailDelivery']) + 2);
    await other.close();
    await stream.close();
  });

  it('tells of the types it is asked for, and gathers a burst', async () => {
    const stream = await open(ada, 'types=Mailbox,Nonsense&closeafter=no&ping=0');
    assert.deepEqual(Object.keys(changedOf(await stream.next(), ada)), ['Mailbox']);
    await Promise.all(Array.from({ length: 20 }, (_, i) => ada.account.create(`Burst ${i}`)));
    let state = '';
    let events = 0;
    while (state !== String(ada.account.modseq)) {
      state = changedOf(await stream.next(), ada)['Mailbox']!;
      events += 1;
    }
    assert.ok(events < 10, `${events} events for 20 changes`);
    await stream.close();
  });

  it('tells at once what was missed since Last-Event-ID, and nothing if nothing was', async () => {
    const first = await open(ada, 'types=*&closeafter=no&ping=0');
    const { id } = (await first.next())!;
    await first.close();

    const same = await open(ada, 'types=*&closeafter=no&ping=0', id);
    await ada.account.create('While away 1');
    const event = await same.next();
    assert.equal(changedOf(event, ada)['Mailbox'], String(ada.account.modseq));
    await same.close();

    const missed = await open(ada, 'types=*&closeafter=state&ping=0', id);
    assert.equal(changedOf(await missed.next(), ada)['Mailbox'], String(ada.account.modseq));
    assert.equal(await missed.next(), undefined);
    await missed.close();
  });

  it('ends after a state event if closeafter says so', async () => {
    const stream = await open(ada, 'types=*&closeafter=state&ping=0');
    await ada.account.create('Close after');
    changedOf(await stream.next(), ada);
    assert.equal(await stream.next(), undefined);
  });

  it('pings, within its limits, without an id', async () => {
    const stream = await open(ada, 'types=Email&closeafter=no&ping=1');
    await stream.next();
    const event = await stream.next();
    assert.equal(event?.event, 'ping');
    assert.equal(event?.id, undefined);
    assert.deepEqual(JSON.parse(event!.data), { interval: 1 });
    await stream.close();
  });

  it('is refused what makes no sense, and too many of them', async () => {
    for (const query of [
      'types=&closeafter=no&ping=0',
      'types=*&closeafter=x&ping=0',
      'types=*&closeafter=no&ping=-1',
    ]) {
      assert.equal((await ada.fetch(`/jmap/eventsource/?${query}`)).status, 400, query);
    }
    const bob = await service.person();
    const streams = await Promise.all(
      Array.from({ length: maxJmapEventStreams }, () => open(bob, 'types=*&closeafter=no&ping=0')),
    );
    assert.equal((await bob.fetch('/jmap/eventsource/')).status, 429);
    for (const stream of streams) await stream.close();
    await sleep(200);
    await (await open(bob, 'types=*&closeafter=no&ping=0')).close();
  });

  it('ends with the session', async () => {
    const eve = await service.person();
    const stream = await open(eve, 'types=*&closeafter=no&ping=0');
    await stream.next();
    eve.signOut();
    assert.equal(await stream.next(), undefined);
  });

  it('says nothing of other people', async () => {
    const bob = await service.person();
    const stream = await open(bob, 'types=*&closeafter=no&ping=0');
    changedOf(await stream.next(), bob);
    await put(ada.account, 'INBOX', 'Subject: x\r\n\r\nx');
    await sleep(200);
    await put(bob.account, 'INBOX', 'Subject: x\r\n\r\nx');
    assert.equal(changedOf(await stream.next(), bob)['Email'], String(bob.account.modseq));
    await stream.close();
  });
});
