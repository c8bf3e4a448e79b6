import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outgoingHeader } from '@vaguemestre/server/codec/mime/outgoing-header';
import { writeMessage } from '@vaguemestre/server/outbox/message-writer';
import fc from 'fast-check';

const missing = { date: new Date(Date.UTC(2026, 10, 24, 9)), messageId: 'new@labo.example' };
const complete = 'Date: Tue, 24 Nov 2026 09:00:00 +0000\r\nMessage-ID: <new@labo.example>\r\n';

describe('the header of a message that goes out', () => {
  it('loses Bcc however it is written, and gains what is missing', () => {
    const header =
      'From: a@b\r\nBCC : x@y,\r\n\tz@y\r\nTo: c@d\r\nbcc:\r\n  folded@y\r\nResent-Bcc: q@y\r\nReturn-Path: <l@m>\r\n\r\nBcc: is text here\r\n';
    assert.equal(outgoingHeader(header, missing), `${complete}From: a@b\r\nTo: c@d\r\n\r\nBcc: is text here\r\n`);
  });

  it('keeps trace fields on top of what is added', () => {
    const received = 'Received: from a\r\n\tby b; date\r\nreceived : from c\r\n';
    assert.equal(outgoingHeader(`${received}From: a@b\r\n\r\n`, missing), `${received}${complete}From: a@b\r\n\r\n`);
    assert.equal(
      outgoingHeader(`Return-Path: <l@m>\r\n${received}Bcc: x@y\r\nReceived: late\r\n\r\n`, missing),
      `${received}${complete}Received: late\r\n\r\n`,
    );
    assert.equal(outgoingHeader(received, missing), `${received}${complete}`);
  });

  it('stays octet for octet when nothing has to change', () => {
    const header = 'From odd line\r\nDate: x\r\nmessage-id : <y>\r\nSubject: \xe9t\xe9\r\n\r\nbody\r\n\r\nBcc: no\r\n';
    assert.equal(outgoingHeader(header, missing), header);
  });

  it('holds of fields in any order', () => {
    const field = fc.constantFrom(
      'Bcc: a@b\r\n',
      'bCC:\r\n\ta@b,\r\n c@d\r\n',
      'Subject: x\r\n folded\r\n',
      'Date: y\r\n',
      'Message-ID: <z>\r\n',
      'X-Bcc: kept\r\n',
    );
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const sent = outgoingHeader(`${fields.join('')}\r\nbody`, missing);
        const kept = fields.filter((one) => !one.toLowerCase().startsWith('bcc'));
        assert.ok(sent.endsWith(`${kept.join('')}\r\nbody`));
        assert.ok(!/^bcc/im.test(sent));
        assert.ok(/^Date:/m.test(sent) && /^Message-ID:/m.test(sent));
      }),
    );
  });

  it('is found however the octets are cut', async () => {
    const octets = Buffer.from('From: a@b\nBcc: x@y\n\nbody\nBcc: text\n');
    const expected = `${complete}From: a@b\r\n\r\nbody\r\nBcc: text\r\n`;
    for (let size = 1; size <= octets.length; size++) {
      async function* cut(): AsyncIterable<Uint8Array> {
        for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
      }
      const message = { octets: cut(), owner: 'out/a/b', maxBytes: 1000, ...missing };
      const { b, owners } = await writeMessage({ writePiece: async () => assert.fail('one piece is enough') }, message);
      assert.equal(Buffer.from(b).toString(), expected);
      assert.deepEqual(owners, ['out/a/b']);
    }
  });
});
