import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  deliveredToField,
  mailDate,
  receivedField,
  returnPathField,
  withProtocol,
} from '@vaguemestre/server/codec/smtp/trace-fields';
import fc from 'fast-check';

const date = new Date(Date.UTC(2026, 10, 4, 5, 6, 7));

describe('trace fields', () => {
  it('writes a Received field in the form of RFC 5321 4.4', () => {
    const clauses = { helo: 'there.example', by: 'here.example', withProtocol: 'LMTPS', id: 'x7', date };
    assert.equal(
      receivedField({
        ...clauses,
        hostName: 'mx.example',
        address: '2001:db8::1',
        tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
        for: 'anne@labo.example',
      }),
      'Received: from there.example (mx.example [IPv6:2001:db8::1])\r\n' +
        '\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384)\r\n' +
        '\tby here.example with LMTPS id x7\r\n\tfor <anne@labo.example>;\r\n\tWed, 4 Nov 2026 05:06:07 +0000\r\n',
    );
    assert.equal(
      receivedField(clauses),
      'Received: from there.example (local)\r\n\tby here.example with LMTPS id x7;\r\n\tWed, 4 Nov 2026 05:06:07 +0000\r\n',
    );
  });

  it('is one field whatever goes in, of lines that a line may be', () => {
    const text = fc.oneof(fc.string({ maxLength: 2000 }), fc.constant('a\r\nEvil: x'), fc.constant('\\'.repeat(3000)));
    fc.assert(
      fc.property(text, text, text, (one, two, three) => {
        const fields = [
          receivedField({
            helo: one,
            hostName: two,
            address: three,
            by: one,
            withProtocol: 'LMTP',
            id: two,
            for: three,
            originalRecipient: one,
            tls: { version: two, cipher: three },
            date,
          }),
          returnPathField(one),
          deliveredToField(two),
        ];
        for (const field of fields) {
          assert.ok(field.endsWith('\r\n'));
          const lines = field.slice(0, -2).split('\r\n');
          for (const line of lines.slice(1)) assert.equal(line[0], '\t');
          for (const line of lines) assert.ok(!/[\r\n\0]/.test(line));
        }
      }),
    );
  });

  it('names protocols as RFC 3848 and RFC 6531 do', () => {
    const off = { tls: false, authenticated: false, utf8: false };
    assert.equal(withProtocol('SMTP', { ...off, tls: true }), 'SMTP');
    assert.equal(withProtocol('ESMTP', { ...off, tls: true, authenticated: true }), 'ESMTPSA');
    assert.equal(withProtocol('LMTP', { ...off, authenticated: true }), 'LMTPA');
    assert.equal(withProtocol('LMTP', { tls: true, authenticated: true, utf8: true }), 'UTF8LMTPSA');
    assert.equal(withProtocol('ESMTP', { ...off, utf8: true }), 'UTF8SMTP');
  });

  it('writes dates that are read back as themselves', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        assert.equal(Date.parse(mailDate(new Date(seconds * 1000))), seconds * 1000);
      }),
    );
  });
});
