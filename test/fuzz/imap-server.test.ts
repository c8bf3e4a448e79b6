import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { ImapClient } from '../harness/imap-client.js';
import { type Laboratory, openLaboratory } from '../harness/laboratory.js';
import { parseResponse, responseLength } from '../harness/response-parser.js';
import { type Chance, chance } from '../harness/seeded-random.js';
import { commandSeeds } from './command-seeds.js';

/**
 * A seeded fuzz of the running server in every state: before login, after it, with a mailbox selected, inside a literal, inside
 * IDLE. Whatever comes, the server answers in well-formed responses or closes; its processes live, and a neighbour is served
 * at once. VAGUEMESTRE_FUZZ_SECONDS sets how long, VAGUEMESTRE_TEST_SEED repeats a run.
 */
const seconds = Number(process.env['VAGUEMESTRE_FUZZ_SECONDS'] ?? 10);
let laboratory: Laboratory;

before(async () => {
  laboratory = await openLaboratory(['fuzz', 'neighbour']);
  const client = await laboratory.imap('fuzz');
  for (let i = 0; i < 5; i++)
    await client.append(
      'INBOX',
      `Subject: n${i}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nabc\r\n--b--\r\n`,
    );
  await client.logout();
});
after(() => laboratory.stop());

const specials = [
  '(',
  ')',
  '{',
  '}',
  '"',
  '\\',
  '*',
  '%',
  '\r',
  '\n',
  '\0',
  ' ',
  '[',
  ']',
  '<',
  '>',
  ':',
  ',',
  '~',
  '+',
  '$',
  '\u00ff',
  '{999999999999}',
  '{0+}',
  '{5}',
  '4294967296',
  '99999999999999999999',
];

function bent(luck: Chance): Buffer {
  let octets = Buffer.from(luck.pick(commandSeeds), 'latin1');
  for (let changes = luck.below(4); changes > 0; changes--) {
    const at = luck.below(octets.length + 1);
    switch (luck.below(6)) {
      case 0:
        octets = Buffer.concat([
          octets.subarray(0, at),
          Buffer.from(luck.pick(specials), 'latin1'),
          octets.subarray(at),
        ]);
        break;
      case 1:
        octets = Buffer.concat([octets.subarray(0, at), octets.subarray(at + 1 + luck.below(4))]);
        break;
      case 2:
        octets = Buffer.concat([octets, Buffer.from(' '), Buffer.from(luck.pick(commandSeeds), 'latin1')]);
        break;
      case 3:
        octets = Buffer.concat([
          octets.subarray(0, at),
          Buffer.alloc(luck.below(2000), luck.pick(specials)),
          octets.subarray(at),
        ]);
        break;
      case 4:
        if (octets.length > 0) octets[at % octets.length] = luck.below(256);
        break;
      case 5:
        octets = Buffer.from(
          luck.pick(commandSeeds).replace(/\d+/g, () => String(luck.below(2 ** 31))),
          'latin1',
        );
        break;
    }
  }
  return octets;
}

const states = ['greeted', 'authenticated', 'selected', 'literal', 'idle'] as const;

/** One connection that is brought into `state` and then fed with bent commands; resolves when it is closed. */
async function victim(state: (typeof states)[number], luck: Chance): Promise<void> {
  const socket = tls.connect({ host: '127.0.0.1', port: laboratory.service.port('imaps'), rejectUnauthorized: false });
  let pending: Buffer = Buffer.alloc(0);
  let broken: Error | undefined;
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (
      let length = responseLength(pending);
      length > 0 && pending.length > 0 && !broken;
      length = responseLength(pending)
    ) {
      try {
        parseResponse(pending.subarray(0, length));
      } catch (error) {
        broken = error as Error;
      }
      pending = pending.subarray(length);
    }
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const sent: Buffer[] = [];
  const send = (octets: Buffer) => {
    sent.push(octets);
    socket.write(octets);
  };
  if (state !== 'greeted') send(Buffer.from(`l LOGIN ${laboratory.address('fuzz')} "${laboratory.password}"\r\n`));
  if (state === 'selected' || state === 'idle') send(Buffer.from('s SELECT INBOX\r\n'));
  if (state === 'literal') send(Buffer.from('a APPEND INBOX {40}\r\n'));
  if (state === 'idle') send(Buffer.from('i IDLE\r\n'));
  for (let i = 0; i < 12; i++) {
    const line = bent(luck);
    const whole = Buffer.concat([Buffer.from(luck.below(20) === 0 ? '' : `t${i} `), line, Buffer.from('\r\n')]);
    if (luck.below(3) === 0) {
      const cut = luck.below(whole.length);
      send(whole.subarray(0, cut));
      await new Promise((resolve) => setTimeout(resolve, 1));
      send(whole.subarray(cut));
    } else send(whole);
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  if (luck.below(2) === 0) socket.end();
  else socket.destroy();
  const late = setTimeout(() => socket.destroy(), 2000);
  await closed;
  clearTimeout(late);
  assert.equal(
    broken,
    undefined,
    `${state}: ${broken?.message}\nafter ${JSON.stringify(Buffer.concat(sent).toString('latin1')).slice(0, 4000)}`,
  );
}

test('bent commands in every state hurt nobody', { timeout: (seconds + 60) * 1000 }, async (t) => {
  const luck = chance();
  t.diagnostic(`seed ${luck.seed}`);
  const neighbour = await laboratory.imap('neighbour');
  await neighbour.ok('SELECT INBOX');
  const end = Date.now() + seconds * 1000;
  let victims = 0;
  let slowestMs = 0;
  while (Date.now() < end) {
    const batch = Promise.all(states.map((state) => victim(state, chance(luck.below(2 ** 31)))));
    const start = performance.now();
    await neighbour.ok('NOOP');
    slowestMs = Math.max(slowestMs, performance.now() - start);
    await batch;
    victims += states.length;
  }
  t.diagnostic(`${victims} connections, slowest NOOP beside them ${slowestMs.toFixed(1)} ms`);
  assert.ok(slowestMs < 1000, `a neighbour waited ${slowestMs} ms`);
  await neighbour.logout();
  assert.equal(laboratory.service.process.exitCode, null, 'the service lives');
  assert.doesNotMatch(laboratory.service.errors(), /"level":(50|60)/, 'nothing was logged as an error of ours');
});

test('octets of chance on the plain port and over LMTP hurt nobody', { timeout: 60_000 }, async (t) => {
  const luck = chance();
  t.diagnostic(`seed ${luck.seed}`);
  for (let i = 0; i < 60; i++) {
    const port = laboratory.service.port(luck.pick(['imap', 'lmtp', 'imaps', 'http']));
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(Buffer.from(Array.from({ length: 1 + luck.below(3000) }, () => luck.below(256))));
    await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
  }
  const client = await ImapClient.connect({ port: laboratory.service.port('imaps'), tls: true });
  await client.ok('NOOP');
  await client.logout();
});
