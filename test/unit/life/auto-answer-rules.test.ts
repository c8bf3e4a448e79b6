/** Who gets an automatic answer: a person who wrote to the person, and nobody and nothing else (RFC 3834, RFC 5230 4.5, 4.6). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeForAnswer } from '@vaguemestre/server/life/auto-answer-rules';
import fc from 'fast-check';

const own = new Set(['tom@labo.example', 'tom.evain@labo.example']);

function judge(fields: readonly string[], sender = 'jean@ailleurs.example', to = 'To: Tom <tom@labo.example>') {
  const head = [to, 'Subject: =?utf-8?Q?r=C3=A9union?=', ...fields].filter((line) => line !== '').join('\r\n');
  const prefix = `Return-Path: <${sender}>\r\nDelivered-To: tom@labo.example\r\n`;
  return judgeForAnswer(Buffer.from(prefix), Buffer.from(`${head}\r\n\r\nbody\r\n`), own, 'labo.example');
}

describe('an automatic answer', () => {
  it('goes to the Return-Path, beside what it answers', () => {
    const fields = ['From: other@x.example', 'Reply-To: no@x.example', 'Message-ID: <b@c>', 'References: <a@c>'];
    assert.deepEqual(judge(fields), {
      to: 'jean@ailleurs.example',
      subject: 'réunion',
      messageId: 'b@c',
      references: ['a@c', 'b@c'],
    });
  });

  for (const to of [
    'To: a@x.example, "Évain, Tom" <TOM.Evain@Labo.Example>',
    'Cc: tom+list@labo.example',
    'Resent-To: tom@labo.example',
    'To: friends: a@x.example, tom@labo.example;',
    'Bcc: tom@labo.example',
  ]) {
    it(`is given when the person is named: ${to}`, () => assert.equal(typeof judge([], undefined, to), 'object'));
  }

  for (const field of [
    'Auto-Submitted: no',
    'Auto-Submitted: No (a person)',
    'Precedence: first-class',
    'X-Spam-Flag: NO',
  ]) {
    it(`is given in spite of ${field}`, () => assert.equal(typeof judge([field]), 'object'));
  }

  const refused: readonly (readonly [string, string])[] = [
    ['Auto-Submitted: auto-replied', 'automatic'],
    ['auto-submitted: AUTO-GENERATED; owner-email="x@y"', 'automatic'],
    ['Auto-Submitted:', 'automatic'],
    ['Content-Type: multipart/report; report-type=delivery-status; boundary=x', 'automatic'],
    ['Precedence: bulk', 'bulk'],
    ['Precedence: LIST', 'bulk'],
    ['Precedence: junk', 'bulk'],
    ['List-Id: <physics.example>', 'list'],
    ['List-Unsubscribe: <https://x.example/>', 'list'],
    ['X-Auto-Response-Suppress: DR, OOF', 'suppressed'],
    ['X-Auto-Response-Suppress: All', 'suppressed'],
    ['X-Spam-Flag: YES', 'spam'],
  ];
  for (const [field, why] of refused) it(`is not given to ${field}`, () => assert.equal(judge([field]), why));

  const senders: readonly (readonly [string, string])[] = [
    ['', 'nullSender'],
    ['MAILER-DAEMON', 'nullSender'],
    ['mailer-daemon@x.example', 'role'],
    ['owner-physics@x.example', 'role'],
    ['physics-request@x.example', 'role'],
    ['physics-bounces+tom=labo.example@x.example', 'role'],
    ['noreply@x.example', 'role'],
    ['tom.evain@labo.example', 'ownAddress'],
    ['TOM+x@labo.example', 'ownAddress'],
  ];
  for (const [sender, why] of senders) it(`is not given to <${sender}>`, () => assert.equal(judge([], sender), why));

  it('is not given to who did not name the person, nor to what was never delivered', () => {
    assert.equal(judge([], undefined, 'To: everybody@labo.example'), 'notToMe');
    assert.equal(judge([], undefined, ''), 'notToMe');
    assert.equal(judge([], undefined, 'X-To: tom@labo.example'), 'notToMe');
    const head = Buffer.from('To: tom@labo.example\r\n\r\n');
    assert.equal(judgeForAnswer(Buffer.alloc(0), head, own, 'labo.example'), 'notDelivered');
    assert.equal(judgeForAnswer(Buffer.from('Received: x\r\n'), head, own, 'labo.example'), 'notDelivered');
  });

  it('holds nothing that could end a header field, whatever came', () => {
    const octets = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(octets, octets, (id, subject) => {
        const head = Buffer.concat([
          Buffer.from('To: tom@labo.example\r\nMessage-ID: <'),
          id,
          Buffer.from('@x>\r\nSubject: '),
          subject,
          Buffer.from('\r\n\r\n'),
        ]);
        const verdict = judgeForAnswer(Buffer.from('Return-Path: <a@b.example>\r\n'), head, own, 'labo.example');
        if (typeof verdict === 'string') return;
        for (const one of verdict.references) assert.match(one, /^[!-~]{1,250}$/);
      }),
      { numRuns: 300 },
    );
  });
});
