import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type CorpusMessage, extraCorpus, spamAssassin, toCrlf } from '../../harness/corpus.js';
import { fetched, type ImapClient } from '../../harness/imap-client.js';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import { dotStuffed, type LmtpClient } from '../../harness/lmtp-client.js';
import { madeMessages } from './made-messages.js';

/**
 * Real and hostile mail in by LMTP and out by IMAPS: content identical octet for octet after exactly the three header fields
 * that a delivery puts before it (Return-Path, Delivered-To, Received), and RFC822.SIZE what was sent.
 */
let laboratory: Laboratory;

before(async () => {
  laboratory = await openLaboratory(['corpus', 'made']);
});
after(() => laboratory.stop());

const digest = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex');
const pipelined = 20;

/** Hands messages over, so many transactions in one write. */
async function deliverAll(lmtp: LmtpClient, to: string, messages: readonly CorpusMessage[]): Promise<void> {
  for (let i = 0; i < messages.length; i += pipelined) {
    for (const message of messages.slice(i, i + pipelined)) {
      // BDAT hands octets over as they are, so a lone CR or a line of one dot needs no exception here
      lmtp.write(`MAIL FROM:<sender@elsewhere.example>\r\nRCPT TO:<${to}>\r\nBDAT ${message.octets.length} LAST\r\n`);
      lmtp.write(message.octets);
    }
    for (const message of messages.slice(i, i + pipelined)) {
      for (const step of ['MAIL', 'RCPT', 'BDAT']) {
        const reply = await lmtp.reply();
        assert.equal(reply.code, 250, `${message.name}: ${step}: ${reply.lines.join(' ')}`);
      }
    }
  }
}

/** What the delivery put before the content, checked and taken off. */
function contentOf(octets: Buffer, recipient: string): Buffer {
  let at = 0;
  for (const name of ['Return-Path: ', 'Delivered-To: ', 'Received: ']) {
    assert.equal(octets.toString('latin1', at, at + name.length), name);
    do at = octets.indexOf('\r\n', at) + 2;
    while (octets[at] === 0x20 || octets[at] === 0x09);
  }
  assert.ok(octets.subarray(0, at).includes(recipient), 'Delivered-To names the recipient');
  return octets.subarray(at);
}

async function compare(client: ImapClient, messages: readonly CorpusMessage[], recipient: string): Promise<void> {
  const selected = await client.ok('SELECT INBOX');
  assert.equal(selected.untagged.find((one) => one.name === 'EXISTS')?.number, messages.length);
  const step = 200;
  for (let from = 1; from <= messages.length; from += step) {
    const to = Math.min(messages.length, from + step - 1);
    const reply = await client.ok(`FETCH ${from}:${to} (RFC822.SIZE BODY.PEEK[])`);
    const items = fetched(reply.untagged);
    assert.equal(items.size, to - from + 1);
    for (const [number, item] of items) {
      const body = item.get('BODY[]') as Buffer;
      const { name, octets } = messages[number - 1]!;
      assert.equal(Number(item.get('RFC822.SIZE')), body.length, `${name}: RFC822.SIZE`);
      assert.equal(digest(contentOf(body, recipient)), digest(toCrlf(octets)), `${name}: content differs`);
    }
  }
}

test('the corpora come back bit for bit', { timeout: 240_000 }, async () => {
  const messages: CorpusMessage[] = [];
  for await (const message of spamAssassin(Number(process.env['VAGUEMESTRE_TEST_CORPUS_LIMIT'] ?? 6046)))
    messages.push(message);
  for await (const message of extraCorpus()) messages.push(message);
  const lmtp = await laboratory.lmtp();
  await lmtp.lhlo();
  await deliverAll(lmtp, laboratory.address('corpus'), messages);
  await lmtp.quit();
  const client = await laboratory.imap('corpus');
  await compare(client, messages, laboratory.address('corpus'));
  await client.logout();
});

test('mail of our own making that hurts comes back bit for bit, by BDAT and by DATA', {
  timeout: 120_000,
}, async () => {
  const messages = madeMessages();
  const lmtp = await laboratory.lmtp();
  await lmtp.lhlo();
  await deliverAll(lmtp, laboratory.address('made'), messages);
  const byData = messages.filter(
    ({ octets }) => octets.equals(toCrlf(octets)) && octets.subarray(-2).toString() === '\r\n',
  );
  for (const message of byData) {
    lmtp.write(`MAIL FROM:<>\r\nRCPT TO:<${laboratory.address('made')}>\r\nDATA\r\n`);
    for (const code of [250, 250, 354]) assert.equal((await lmtp.reply()).code, code, message.name);
    lmtp.write(dotStuffed(message.octets));
    const reply = await lmtp.reply();
    assert.equal(reply.code, 250, `${message.name}: ${reply.lines.join(' ')}`);
  }
  await lmtp.quit();
  const client = await laboratory.imap('made');
  await compare(client, [...messages, ...byData], laboratory.address('made'));
  await client.logout();
});
