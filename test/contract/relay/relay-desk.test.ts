/** What a sender hears of a message that fails, and what an operator sees of it and does about it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ModeInForce, TracedMessage } from '@vaguemestre/server/outbox/relay-desk';
import { type RelayService, sendMail, startRelayService, until } from '../../harness/relay-service.js';
import { webClient } from '../../harness/web-client.js';

describe('the desk of the relay', () => {
  let lab: RelayService;
  let away = true;
  before(async () => {
    lab = await startRelayService(['anne'], {
      outside: {
        answer: (command) => {
          if (command.includes('gone@')) return '550 5.1.1 nobody of that name';
          return away && command.includes('away@') ? '450 4.2.1 come back later' : undefined;
        },
      },
      service: { environment: { VAGUEMESTRE_RELAY_UPSTREAMS: '192.0.2.1' } },
    });
  });
  after(() => lab?.close());

  async function send(to: readonly string[], subject: string, mail = ''): Promise<string> {
    const client = await lab.talk('internal');
    const replies = await sendMail(client, {
      from: `<anne@labo.example>${mail}`,
      to,
      content: `From: anne@labo.example\r\nSubject: ${subject}\r\n\r\n.`,
    });
    const last = replies.at(-1)!;
    assert.equal(last.code, 250, last.lines.join());
    return last.lines[0]!.split(' ').at(-1)!;
  }

  async function trace(id: string): Promise<TracedMessage> {
    const { output, errors } = await lab.run('relay', 'trace', id, '--json');
    const [found] = JSON.parse(output) as TracedMessage[];
    assert.ok(found, errors);
    return found;
  }

  it('tells the sender in both languages who did not get it, from nobody, once', async () => {
    const id = await send(['<gone@outside.example>', '<there@outside.example>'], 'perdu', ' ENVID=e1+2B2');
    const [notice] = await lab.inbox('anne', 1);
    assert.match(notice!, /^Return-Path: <>\r\n/);
    assert.match(notice!, /\r\nAuto-Submitted: auto-replied\r\n/);
    assert.match(notice!, /Content-Type: multipart\/report; report-type=delivery-status;/);
    assert.match(notice!, /Reporting-MTA: dns; relay\.labo\.example\r\nOriginal-Envelope-Id: e1\+2\r\n/);
    assert.match(
      notice!,
      /Final-Recipient: rfc822; gone@outside\.example\r\nAction: failed\r\nStatus: 5\.1\.1\r\nRemote-MTA: dns; .*\r\nDiagnostic-Code: smtp; 550 5\.1\.1 nobody of that name\r\n/,
    );
    assert.match(notice!, /could not be delivered to:/);
    assert.match(notice!, /n'a pas pu/);
    assert.doesNotMatch(notice!, /there@outside/);
    assert.match(notice!, /Content-Type: text\/rfc822-headers[\s\S]*Subject: perdu/);
    const traced = await trace(id);
    assert.deepEqual(
      traced.deliveries[0]!.recipients.map(({ address, state }) => [address, state]),
      [
        ['gone@outside.example', 'failed'],
        ['there@outside.example', 'delivered'],
      ],
    );
    assert.equal((await lab.inbox('anne', 1)).length, 1);
  });

  it('tells of success who asked for it', async () => {
    const client = await lab.talk('internal');
    await sendMail(client, {
      from: '<anne@labo.example>',
      to: ['<anne@labo.example> NOTIFY=SUCCESS'],
      content: 'From: anne@labo.example\r\nSubject: moi\r\n\r\n.',
    });
    const messages = await lab.inbox('anne', 3);
    assert.ok(messages.some((one) => /Action: delivered\r\nStatus: 2\.1\.5/.test(one)));
  });

  it('shows what waits and why, holds it, lets it go', async () => {
    const id = await send(['<away@outside.example>'], 'attente');
    await until('it was tried', async () => (await trace(id)).deliveries[0]!.tries === 1);
    const listed = await lab.run('relay', 'queue');
    assert.match(
      listed.output,
      new RegExp(`${id} .*anne@labo\\.example .*away@outside\\.example .*450 4\\.2\\.1 come back later`),
    );
    const held = await lab.run('relay', 'queue', '--hold', '--id', id);
    assert.match(held.output, /1 delivery changed/);
    assert.equal((await trace(id)).deliveries[0]!.recipients[0]!.state, 'held');
    away = false;
    await lab.run('relay', 'queue', '--now', '--id', id);
    await until('it was delivered', async () => (await trace(id)).deliveries[0]!.recipients[0]!.state === 'delivered');
    const story = await lab.run('relay', 'trace', '--recipient', 'away@outside.example');
    assert.match(story.output, /"attente"\n {2}\S+ \S+ {2}came from a machine of the laboratory/);
    assert.match(story.output, /450 4\.2\.1 come back later[\s\S]*away@outside\.example delivered: 250/);
  });

  it('drops what nobody shall get', async () => {
    away = true;
    const id = await send(['<away@outside.example>'], 'oubli');
    await until('it was tried', async () => (await trace(id)).deliveries[0]!.tries === 1);
    assert.equal((await lab.run('relay', 'queue', '--drop', '--id', id)).code, 64);
    assert.equal((await lab.run('relay', 'queue', '--drop', '--id', id, '--yes')).code, 0);
    assert.equal((await trace(id)).deliveries[0]!.recipients[0]!.state, 'dropped');
    assert.match((await lab.run('relay', 'queue')).output, /Nothing waits/);
  });

  it('gives each recipient of one message its own outcome: here, full, nobody', async () => {
    const added = await lab.run(
      ...['user', 'add', 'full@labo.example', '--role', 'permanent', '--quota', '1 KiB', '--password-stdin'],
    );
    assert.equal(added.code, 0, added.errors);
    const client = await lab.talk('internal');
    const replies = await sendMail(client, {
      from: '<anne@labo.example>',
      to: ['<anne@labo.example>', '<nobody@labo.example>', '<full@labo.example>'],
      content: `From: anne@labo.example\r\nSubject: trois\r\n\r\n${'x'.repeat(70).concat('\r\n').repeat(30)}`,
    });
    assert.deepEqual(
      replies.map(({ code }) => code),
      [250, 250, 550, 250, 354, 250],
    );
    const id = replies.at(-1)!.lines[0]!.split(' ').at(-1)!;
    await until('it was tried', async () => (await trace(id)).deliveries[0]!.tries >= 1);
    const [anne, full] = (await trace(id)).deliveries[0]!.recipients;
    assert.deepEqual([anne!.state, full!.state], ['delivered', 'waiting']);
    assert.match(full!.reply!, /^452 4\.2\.2 /);
    await lab.run('relay', 'queue', '--drop', '--id', id, '--yes');
  });

  it('says the same over HTTP, to administrators', async () => {
    const client = webClient({ port: lab.service.port('http') });
    assert.equal((await client.get('/api/admin/relay/queue')).status, 401);
    await client.signIn('anne@labo.example', lab.password);
    assert.equal((await client.get('/api/admin/relay/queue')).status, 403);
    const added = await lab.run(
      'user',
      'add',
      'root@labo.example',
      '--role',
      'permanent',
      '--admin',
      '--password-stdin',
    );
    assert.equal(added.code, 0, added.errors);
    const admin = webClient({ port: lab.service.port('http') });
    await admin.signIn('root@labo.example', lab.password);
    away = true;
    const id = await send(['<away@outside.example>'], 'par HTTP');
    await until('it was tried', async () => (await trace(id)).deliveries[0]!.tries === 1);
    const { messages } = (await admin.get('/api/admin/relay/queue')).json<{ messages: TracedMessage[] }>();
    assert.deepEqual(
      messages.map((one) => one.id),
      [id],
    );
    const traced = await admin.get('/api/admin/relay/trace?recipient=away@outside.example&limit=1');
    assert.equal(traced.json<{ messages: TracedMessage[] }>().messages[0]!.id, id);
    assert.equal((await admin.post('/api/admin/relay/queue', { change: 'drop' })).status, 400);
    const dropped = await admin.post('/api/admin/relay/queue', { change: 'drop', message: id });
    assert.deepEqual(dropped.json(), { changed: 1 });
    assert.equal((await admin.get('/api/admin/relay/mode')).json<ModeInForce>().mode, 'campus');
  });

  it('opens the edge to everybody, and closes it again', async () => {
    const mail = async (): Promise<number> => {
      const client = await lab.talk('smtp');
      return (await client.command('MAIL FROM:<zoe@far.example>')).code;
    };
    assert.equal(await mail(), 554);
    const changed = await lab.run('relay', 'mode', 'direct', '--for', '2', '--json');
    assert.equal((JSON.parse(changed.output) as ModeInForce).mode, 'direct');
    await until('the edge is open', async () => (await mail()) === 250);
    await lab.run('relay', 'mode', 'campus');
    await until('the edge is closed', async () => (await mail()) === 554);
  });
});
