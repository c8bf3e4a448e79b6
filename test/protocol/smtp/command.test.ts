import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSmtpCommand, type SmtpCommand } from '@vaguemestre/server/codec/smtp/command';
import { parsePath } from '@vaguemestre/server/codec/smtp/path';
import { formatReply } from '@vaguemestre/server/codec/smtp/reply';
import { decodeXtext, encodeXtext } from '@vaguemestre/server/codec/smtp/xtext';
import fc from 'fast-check';

const parse = (text: string): SmtpCommand => parseSmtpCommand(Buffer.from(text));

function refusal(text: string): string {
  const command = parse(text);
  if (command.kind !== 'bad') return `accepted as ${command.kind}`;
  return formatReply(command.reply).slice(0, 9);
}

describe('paths', () => {
  for (const [text, address, localPart, domain] of [
    ['<a@b.example>', 'a@b.example', 'a', 'b.example'],
    ['<>', '', '', ''],
    ['<Postmaster>', 'Postmaster', 'Postmaster', ''],
    ['<"a b"@c.example>', '"a b"@c.example', '"a b"', 'c.example'],
    ['<"a\\"@x>"@c.example>', '"a\\"@x>"@c.example', '"a\\"@x>"', 'c.example'],
    ['<a+b=c/d@[192.0.2.1]>', 'a+b=c/d@[192.0.2.1]', 'a+b=c/d', '[192.0.2.1]'],
    ['<a@[IPv6:2001:db8::1]>', 'a@[IPv6:2001:db8::1]', 'a', '[IPv6:2001:db8::1]'],
    ['<@one.example,@two.example:a@b.example>', 'a@b.example', 'a', 'b.example'],
    ['<élodie@exämple.example>', 'élodie@exämple.example', 'élodie', 'exämple.example'],
    ['<a..b.@c_d.example>', 'a..b.@c_d.example', 'a..b.', 'c_d.example'],
  ] as const) {
    it(`reads ${text}`, () => {
      const found = parsePath(`${text} X`, 0);
      assert.equal(found?.end, text.length);
      assert.deepEqual([found.path.address, found.path.localPart, found.path.domain], [address, localPart, domain]);
      assert.equal(found.path.utf8, text.includes('é'));
    });
  }

  for (const text of [
    '',
    '<',
    'a@b.example',
    '<a@b.example',
    '<a b@c.example>',
    '<a@>',
    '<@b.example>',
    '<somebody>',
    '<a@b..example>',
    '<a@.example>',
    '<a@b.example@c.example>',
    '<"a@b.example>',
    '<a@[192.0.2.1>',
    '<a@[]>',
    '<a@b.example\u0000>',
    '<@one.example a@b.example>',
    `<${'a'.repeat(2000)}@b.example>`,
    `<a@${'b'.repeat(300)}>`,
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(parsePath(text, 0), undefined));
  }
});

describe('SMTP commands', () => {
  it('reads MAIL with every parameter', () => {
    const command = parse('mail from:<a@b.example> SIZE=12345 body=8BitMime SMTPUTF8 RET=hdrs ENVID=x+2By AUTH=<>');
    assert.equal(command.kind, 'mail');
    assert.deepEqual(command.kind === 'mail' && command.parameters, {
      sizeBytes: 12_345,
      body: '8bitmime',
      smtpUtf8: true,
      ret: 'hdrs',
      envid: 'x+y',
    });
  });

  it('reads RCPT with NOTIFY and ORCPT', () => {
    const command = parse('RCPT TO: <a@b.example> NOTIFY=success,FAILURE ORCPT=rfc822;x+40y@z');
    assert.deepEqual(command.kind === 'rcpt' && command.parameters, {
      notify: ['success', 'failure'],
      orcpt: { type: 'rfc822', address: 'x@y@z' },
    });
  });

  it('reads BDAT, AUTH, XCLIENT', () => {
    assert.deepEqual(parse('BDAT 12 last'), { kind: 'bdat', sizeBytes: 12, last: true });
    assert.deepEqual(parse('bdat 0'), { kind: 'bdat', sizeBytes: 0, last: false });
    assert.deepEqual(parse('AUTH plain'), { kind: 'auth', mechanism: 'PLAIN', initial: undefined });
    assert.deepEqual(parse('AUTH PLAIN ='), { kind: 'auth', mechanism: 'PLAIN', initial: Buffer.alloc(0) });
    assert.deepEqual(parse('AUTH PLAIN AGEAYg=='), {
      kind: 'auth',
      mechanism: 'PLAIN',
      initial: Buffer.from('\0a\0b'),
    });
    const xclient = parse('XCLIENT ADDR=192.0.2.1 REVERSE_NAME=a+2Bb name=[UNAVAILABLE]');
    assert.equal(xclient.kind, 'xclient');
    assert.deepEqual(xclient.kind === 'xclient' && [...xclient.attributes], [
      ['ADDR', '192.0.2.1'],
      ['REVERSE-NAME', 'a+b'],
      ['NAME', '[UNAVAILABLE]'],
    ]);
  });

  for (const [text, wanted] of [
    ['', '500 5.5.2'],
    ['FOO', '500 5.5.2'],
    ['MAIL', '501 5.5.4'],
    ['MAIL FROM', '501 5.5.4'],
    ['MAIL FROM:', '501 5.5.4'],
    ['MAIL FROM:a@b.example', '501 5.5.4'],
    ['MAIL FROM:<a@b.example>SIZE=1', '501 5.5.4'],
    ['MAIL FROM:<postmaster>', '501 5.1.7'],
    ['MAIL FROM:<é@b.example>', '550 5.6.7'],
    ['MAIL FROM:<> SIZE', '501 5.5.4'],
    ['MAIL FROM:<> SIZE=-1', '501 5.5.4'],
    ['MAIL FROM:<> SIZE=1e3', '501 5.5.4'],
    ['MAIL FROM:<> SIZE=1 SIZE=1', '501 5.5.4'],
    ['MAIL FROM:<> BODY=BINARYMIME', '501 5.5.4'],
    ['MAIL FROM:<> SMTPUTF8=1', '501 5.5.4'],
    ['MAIL FROM:<> RET=ALL', '501 5.5.4'],
    ['MAIL FROM:<> ENVID=a=b', '501 5.5.4'],
    [`MAIL FROM:<> ENVID=${'x'.repeat(101)}`, '501 5.5.4'],
    ['MAIL FROM:<> FOO=1', '555 5.5.4'],
    ['MAIL FROM:<> NOTIFY=NEVER', '555 5.5.4'],
    ['RCPT TO:<>', '501 5.1.7'],
    ['RCPT TO:<nobody>', '501 5.5.4'],
    ['RCPT TO:<a@b.example> NOTIFY=NEVER,DELAY', '501 5.5.4'],
    ['RCPT TO:<a@b.example> NOTIFY=', '501 5.5.4'],
    ['RCPT TO:<a@b.example> ORCPT=x', '501 5.5.4'],
    ['RCPT TO:<a@b.example> ORCPT=rfc822;a+4', '501 5.5.4'],
    ['RCPT TO:<a@b.example> =', '501 5.5.4'],
    ['DATA now', '501 5.5.4'],
    ['LHLO', '501 5.5.4'],
    ['LHLO a b', '501 5.5.4'],
    ['LHLO (x)', '501 5.5.4'],
    ['BDAT', '501 5.5.4'],
    ['BDAT -1', '501 5.5.4'],
    ['BDAT 1 LAST LAST', '501 5.5.4'],
    ['BDAT 99999999999999999999', '501 5.5.4'],
    ['BDAT 1 FIRST', '501 5.5.4'],
    ['AUTH', '501 5.5.4'],
    ['AUTH PLAIN a b', '501 5.5.4'],
    ['AUTH PLAIN a', '501 5.5.2'],
    ['AUTH PLAIN a-b_', '501 5.5.2'],
    ['XCLIENT', '501 5.5.4'],
    ['XCLIENT ADDR', '501 5.5.4'],
    ['VRFY', '501 5.5.4'],
    ['NOOP \u0001', '500 5.5.2'],
    ['NOOP a\rb', '500 5.5.2'],
  ] as const) {
    it(`answers ${wanted} to ${JSON.stringify(text.slice(0, 50))}`, () => assert.equal(refusal(text), wanted));
  }

  it('refuses what is no UTF-8', () => {
    const command = parseSmtpCommand(Buffer.from('NOOP \xff', 'latin1'));
    assert.equal(command.kind === 'bad' && command.reply.code, 500);
  });

  it('never throws, and takes linear time', () => {
    const words = [
      'MAIL FROM:',
      'RCPT TO:',
      '<',
      '>',
      '"',
      '\\',
      '@',
      ':',
      ',',
      ' ',
      '=',
      '+',
      'SIZE=',
      'a',
      '.',
      '[',
      ']',
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string())), (parts) => {
        parse(parts.join(''));
      }),
      { numRuns: 5000 },
    );
    const began = performance.now();
    for (const unit of ['<', '@,', ' A', ' A=', '"\\', '[', '.', '=']) {
      parse(`MAIL FROM:<${unit.repeat(100_000)}>`);
      parse(`MAIL FROM:<> ${unit.repeat(100_000)}`);
      parse(`XCLIENT ${unit.repeat(100_000)}`);
    }
    assert.ok(performance.now() - began < 3000);
  });
});

describe('xtext', () => {
  it('goes there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => {
        const text = Buffer.from(octets).toString('latin1');
        assert.equal(decodeXtext(encodeXtext(text)), text);
      }),
    );
  });

  it('refuses what is none', () => {
    for (const text of ['+', '+4', '+4G', 'a=b', 'a b', 'é']) assert.equal(decodeXtext(text), undefined, text);
    assert.equal(decodeXtext('+2b'), '+');
  });
});

describe('replies', () => {
  it('puts code and enhanced code on every line', () => {
    assert.equal(formatReply({ code: 250, text: ['one', 'two'] }), '250-one\r\n250 two\r\n');
    assert.equal(formatReply({ code: 550, enhanced: '5.1.1', text: ['a', 'b'] }), '550-5.1.1 a\r\n550 5.1.1 b\r\n');
  });

  it('lets no text begin a reply of its own', () => {
    assert.equal(formatReply({ code: 250, text: 'a\r\n550 no' }), '250 a  550 no\r\n');
  });
});
