/** Mail through the relay of a whole service: in by its doors, out to a host outside, and between people of the laboratory. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connectLines } from '../../harness/line-client.js';
import { type RelayService, sendMail, startRelayService, until } from '../../harness/relay-service.js';

describe('a relay in service', () => {
  let lab: RelayService;
  before(async () => {
    lab = await startRelayService(['anne', 'bruno']);
  });
  after(() => lab?.close());

  const codes = (replies: readonly { readonly code: number }[]): number[] => replies.map(({ code }) => code);

  it('brings mail from outside to a mailbox, with its trace and without foreign marks', async () => {
    const client = await lab.talk('smtp');
    const content =
      'Received: from far.example by campus.example; Tue, 24 Nov 2026 06:00:01 +0000\r\n' +
      'X-Spam-Flag: NO\r\nX-Vaguemestre-Verdict: spam\r\nFrom: zoe@outside.example\r\nSubject: Bonjour\r\n\r\nVoila.\r\n.dot';
    const replies = await sendMail(client, { from: '<zoe@outside.example>', to: ['<anne@labo.example>'], content });
    assert.deepEqual(codes(replies), [250, 250, 354, 250]);
    const [message] = await lab.inbox('anne', 1);
    assert.match(message!, /^Return-Path: <zoe@outside\.example>\r\nDelivered-To: anne@labo\.example\r\n/);
    assert.match(message!, /X-Vaguemestre-Verdict: clean; score=0\.0; id=/);
    assert.match(message!, /by relay\.labo\.example with ESMTP id \w{17}\r\n\tfor <anne@labo\.example>/);
    assert.match(message!, /Subject: Bonjour\r\n\r\nVoila\.\r\n\.dot\r\n$/);
    assert.doesNotMatch(message!, /X-Spam-Flag|Verdict: spam/);
  });

  it('refuses nobody later who can be refused now', async () => {
    const client = await lab.talk('smtp');
    const replies = await sendMail(client, {
      from: '<zoe@outside.example>',
      to: ['<nobody@labo.example>', '<x@elsewhere.example>', '<y@outside.example>'],
      content: '',
    });
    assert.deepEqual(codes(replies), [250, 550, 550, 550, 503]);
    assert.match(replies[1]!.lines[0]!, /5\.1\.1/);
    assert.match(replies[2]!.lines[0]!, /5\.7\.1/);
  });

  it('takes mail of machines, completes it and shows it as of the domain', async () => {
    const client = await lab.talk('internal');
    const replies = await sendMail(client, {
      from: '<bob@pc42.labo.example>',
      to: ['<bruno>', '<list@outside.example>'],
      content: 'From: Bob <bob@pc42.labo.example>\r\nSubject: rapport\r\n\r\nfini',
    });
    assert.deepEqual(codes(replies), [250, 250, 250, 354, 250]);
    const [message] = await lab.inbox('bruno', 1);
    assert.match(message!, /^Return-Path: <bob@labo\.example>/);
    assert.match(message!, /\r\nFrom: Bob <bob@labo\.example>\r\n/);
    assert.match(message!, /\r\nMessage-ID: <\w{17}@labo\.example>\r\n/);
    assert.match(message!, /\r\nDate: /);
    await until('it left', () => lab.outside.messages.length === 1);
    const [taken] = lab.outside.messages;
    assert.match(taken!.mail, /<bob@labo\.example>/);
    assert.deepEqual(taken!.recipients, ['list@outside.example']);
    assert.doesNotMatch(taken!.content.toString(), /X-Vaguemestre-Verdict/);
  });

  it('folds machines to the domain, and gives root of a machine to the postmaster', async () => {
    const client = await lab.talk('smtp');
    const replies = await sendMail(client, {
      from: '<zoe@outside.example>',
      to: ['<bruno@pc7.labo.example>', '<root@pc7.labo.example>', '<nobody@pc7.labo.example>'],
      content: 'Subject: pc7\r\n\r\n.',
    });
    assert.deepEqual(codes(replies), [250, 250, 250, 550, 354, 250]);
    const messages = await lab.inbox('bruno', 2);
    assert.match(messages[1]!, /\(original recipient rfc822;bruno@pc7\.labo\.example\)/);
  });

  it('takes the outbox: what a program submits reaches people inside and outside once', async () => {
    const before = lab.outside.messages.length;
    const client = await connectLines({ port: lab.service.port('submission') });
    await client.line();
    const plain = Buffer.from(`\0anne@labo.example\0${lab.password}`).toString('base64');
    const talk = async (line: string): Promise<string> => {
      client.send(`${line}\r\n`);
      for (;;) {
        const answer = await client.line();
        if (answer[3] !== '-') return answer;
      }
    };
    await talk('EHLO me');
    assert.match(await talk(`AUTH PLAIN ${plain}`), /^235/);
    await talk('MAIL FROM:<anne@labo.example>');
    assert.match(await talk('RCPT TO:<bruno@labo.example>'), /^250/);
    assert.match(await talk('RCPT TO:<far@outside.example>'), /^250/);
    await talk('DATA');
    assert.match(await talk('From: anne@labo.example\r\nSubject: par la\r\n\r\nBonjour\r\n.'), /^250/);
    client.close();
    const messages = await lab.inbox('bruno', 3);
    assert.match(messages[2]!, /Subject: par la/);
    await until('it left', () => lab.outside.messages.length > before);
    assert.equal(lab.outside.messages.length, before + 1);
    assert.match(lab.outside.messages.at(-1)!.mail, /<anne@labo\.example>/);
  });

  it('refuses who ends a message with a bare line feed', async () => {
    const client = await lab.talk('smtp');
    await client.command('MAIL FROM:<zoe@outside.example>');
    await client.command('RCPT TO:<anne@labo.example>');
    await client.command('DATA');
    client.write('Subject: x\r\n\r\na\n.\nMAIL FROM:<evil@x>\r\n.\r\n');
    assert.equal((await client.reply()).code, 554);
  });
});

describe('a relay that stands behind the campus', () => {
  let lab: RelayService;
  before(async () => {
    lab = await startRelayService(['anne'], {
      service: { environment: { VAGUEMESTRE_RELAY_UPSTREAMS: '192.0.2.1', VAGUEMESTRE_RELAY_XCLIENT: '127.0.0.1' } },
    });
  });
  after(() => lab?.close());

  it('takes mail from its declared upstreams only', async () => {
    const client = await lab.talk('smtp');
    const reply = await client.command('MAIL FROM:<zoe@outside.example>');
    assert.equal(reply.code, 554);
    assert.match(reply.lines[0]!, /5\.7\.1/);
  });

  it('believes a host in front of it about who comes', async () => {
    const client = await lab.talk('smtp');
    const hello = await client.command('XCLIENT ADDR=192.0.2.1 NAME=smtp1.campus.example HELO=smtp1.campus.example');
    assert.equal(hello.code, 220);
    await client.command('EHLO front.example');
    const replies = await sendMail(client, {
      from: '<zoe@outside.example>',
      to: ['<anne@labo.example>'],
      content: 'Subject: par le campus\r\n\r\n.',
    });
    assert.equal(replies.at(-1)!.code, 250);
    const [message] = await lab.inbox('anne', 1);
    assert.match(message!, /Received: from smtp1\.campus\.example \(smtp1\.campus\.example \[192\.0\.2\.1\]\)/);
  });

  it('speaks TLS, and takes what has to stay in it there alone', async () => {
    const plain = await connectLines({ port: lab.service.port('smtp') });
    const talk = async (client: typeof plain, line: string): Promise<string[]> => {
      client.send(`${line}\r\n`);
      const lines: string[] = [];
      do lines.push(await client.line());
      while (lines.at(-1)![3] === '-');
      return lines;
    };
    await plain.line();
    assert.ok(!(await talk(plain, 'EHLO me')).some((line) => line.endsWith('REQUIRETLS')));
    assert.match((await talk(plain, 'MAIL FROM:<a@x.example> REQUIRETLS'))[0]!, /^555 /);
    assert.match((await talk(plain, 'STARTTLS'))[0]!, /^220 /);
    const secure = await plain.startTls();
    const offered = (await talk(secure, 'EHLO me')).map((line) => line.slice(4));
    for (const name of ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES', 'CHUNKING', 'DSN', 'REQUIRETLS']) {
      assert.ok(offered.includes(name), `${name} is not offered`);
    }
    secure.close();
  });
});
