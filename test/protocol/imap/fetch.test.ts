import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fetched, type ImapClient, type Reply, type Value } from '../../harness/imap-client.js';
import { type ImapService, mail, startImapService } from '../../harness/imap-service.js';

const multipart = [
  'From: ann@labo.example',
  'Subject: parts',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=B',
  '',
  'preamble',
  '--B',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'caf=C3=A9',
  '--B',
  'Content-Type: application/octet-stream',
  'Content-Transfer-Encoding: base64',
  '',
  'AAEC',
  '--B',
  'Content-Type: message/rfc822',
  '',
  'From: inner@labo.example',
  'Subject: inner',
  'Content-Type: multipart/alternative; boundary=C',
  '',
  '--C',
  'Content-Type: text/plain',
  '',
  'plain',
  '--C',
  'Content-Type: text/html',
  '',
  '<p>html</p>',
  '--C--',
  '',
  '--B',
  'Content-Type: text/plain',
  'Content-Transfer-Encoding: x-strange',
  '',
  'strange',
  '--B--',
  '',
].join('\r\n');

const value = (reply: Reply, sequence: number, name: string): Value | undefined =>
  fetched(reply.untagged).get(sequence)?.get(name.toUpperCase());
const text = (reply: Reply, sequence: number, name: string): string | undefined => {
  const found = value(reply, sequence, name);
  return Buffer.isBuffer(found) ? found.toString('latin1') : (found as string | undefined);
};

for (const mode of ['rev1', 'rev2'] as const) {
  describe(`FETCH (${mode})`, () => {
    let service: ImapService;
    let client: ImapClient;
    const first = mail('first message', 'Hello\r\nWorld\r\n');
    before(async () => {
      service = await startImapService();
      service.deliver('INBOX', first);
      service.deliver('INBOX', multipart, ['\\Seen', '\\Flagged', '$Junk']);
      service.deliver('INBOX', mail('third'));
      client = await service.login(mode);
      await client.ok('SELECT INBOX');
    });
    after(() => service.close());

    it('gives columns', async () => {
      const reply = await client.ok('FETCH 1:2 (UID FLAGS RFC822.SIZE INTERNALDATE)');
      assert.equal(text(reply, 1, 'RFC822.SIZE'), String(first.length));
      assert.equal(text(reply, 2, 'UID'), '2');
      assert.deepEqual(value(reply, 1, 'FLAGS'), []);
      assert.deepEqual(value(reply, 2, 'FLAGS'), ['\\Flagged', '\\Seen', '$Junk']);
      assert.equal(text(reply, 1, 'INTERNALDATE'), '14-Nov-2023 22:13:20 +0000');
    });

    it('expands macros', async () => {
      const fast = fetched((await client.ok('FETCH 1 FAST')).untagged).get(1)!;
      assert.deepEqual([...fast.keys()].sort(), ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']);
      const full = fetched((await client.ok('FETCH 1 FULL')).untagged).get(1)!;
      assert.deepEqual([...full.keys()].sort(), ['BODY', 'ENVELOPE', 'FLAGS', 'INTERNALDATE', 'RFC822.SIZE']);
    });

    it('gives ENVELOPE and BODYSTRUCTURE from cards', async () => {
      const reply = await client.ok('FETCH 1:* (ENVELOPE BODYSTRUCTURE)');
      const envelope = value(reply, 1, 'ENVELOPE') as Value[];
      assert.deepEqual(envelope[1], Buffer.from('first message'));
      const structure = value(reply, 2, 'BODYSTRUCTURE') as Value[];
      assert.equal(structure.filter(Array.isArray).length >= 4, true);
      assert.ok(fetched(reply.untagged).has(3));
    });

    it('gives BODY without extension data', async () => {
      const body = value(await client.ok('FETCH 2 BODY'), 2, 'BODY') as Value[];
      assert.equal(String(body.at(-1)).toUpperCase(), 'MIXED');
    });

    it('sets \\Seen with BODY[] and tells it, and leaves it with PEEK', async () => {
      const peek = await client.ok('FETCH 1 BODY.PEEK[]');
      assert.equal(text(peek, 1, 'BODY[]'), first);
      assert.equal(value(peek, 1, 'FLAGS'), undefined);
      const reply = await client.ok('FETCH 1 BODY[]');
      assert.equal(text(reply, 1, 'BODY[]'), first);
      assert.deepEqual(value(reply, 1, 'FLAGS'), ['\\Seen']);
      assert.equal(value(await client.ok('FETCH 1 BODY[]'), 1, 'FLAGS'), undefined, 'told once');
    });

    it('gives the sections of a message without parts', async () => {
      const reply = await client.ok(
        'FETCH 1 (BODY.PEEK[HEADER] BODY.PEEK[TEXT] BODY.PEEK[1] BODY.PEEK[1.MIME] BODY.PEEK[2])',
      );
      const header = first.slice(0, first.indexOf('\r\n\r\n') + 4);
      assert.equal(text(reply, 1, 'BODY[HEADER]'), header);
      assert.equal(text(reply, 1, 'BODY[TEXT]'), 'Hello\r\nWorld\r\n');
      assert.equal(text(reply, 1, 'BODY[1]'), 'Hello\r\nWorld\r\n');
      assert.equal(text(reply, 1, 'BODY[1.MIME]'), header);
      assert.equal(value(reply, 1, 'BODY[2]'), null);
    });

    it('gives the parts of a multipart and of the message in it', async () => {
      const reply = await client.ok(
        'FETCH 2 (BODY.PEEK[1] BODY.PEEK[1.MIME] BODY.PEEK[3.HEADER] BODY.PEEK[3.TEXT] BODY.PEEK[3.1] BODY.PEEK[3.2.MIME] BODY.PEEK[1.HEADER] BODY.PEEK[9])',
      );
      assert.equal(text(reply, 2, 'BODY[1]'), 'caf=C3=A9');
      assert.equal(
        text(reply, 2, 'BODY[1.MIME]'),
        'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n',
      );
      assert.match(text(reply, 2, 'BODY[3.HEADER]')!, /^From: inner@labo\.example\r\nSubject: inner\r\n.*\r\n\r\n$/s);
      assert.match(text(reply, 2, 'BODY[3.TEXT]')!, /^--C\r\n.*--C--\r\n$/s);
      assert.equal(text(reply, 2, 'BODY[3.1]'), 'plain');
      assert.equal(text(reply, 2, 'BODY[3.2.MIME]'), 'Content-Type: text/html\r\n\r\n');
      assert.equal(value(reply, 2, 'BODY[1.HEADER]'), null);
      assert.equal(value(reply, 2, 'BODY[9]'), null);
    });

    it('gives header fields from cards and from messages, always with the empty line', async () => {
      const reply = await client.ok(
        'FETCH 1 (BODY.PEEK[HEADER.FIELDS (Subject From)] BODY.PEEK[HEADER.FIELDS (X-None)] BODY.PEEK[HEADER.FIELDS.NOT (From To Date Message-ID)])',
      );
      assert.equal(
        text(reply, 1, 'BODY[HEADER.FIELDS (Subject From)]'),
        'From: Ann <ann@labo.example>\r\nSubject: first message\r\n\r\n',
      );
      assert.equal(text(reply, 1, 'BODY[HEADER.FIELDS (X-None)]'), '\r\n');
      assert.equal(
        text(reply, 1, 'BODY[HEADER.FIELDS.NOT (From To Date Message-ID)]'),
        'Subject: first message\r\n\r\n',
      );
      const cardOnly = await client.ok('FETCH 1:3 (UID BODY.PEEK[HEADER.FIELDS (Subject)])');
      assert.equal(text(cardOnly, 3, 'BODY[HEADER.FIELDS (Subject)]'), 'Subject: third\r\n\r\n');
    });

    it('gives partial octets, and nothing past the end', async () => {
      const reply = await client.ok('FETCH 1 (BODY.PEEK[]<5.7> BODY.PEEK[TEXT]<0.2048> BODY.PEEK[TEXT]<9999.10>)');
      assert.equal(text(reply, 1, 'BODY[]<5>'), first.slice(5, 12));
      assert.equal(text(reply, 1, 'BODY[TEXT]<0>'), 'Hello\r\nWorld\r\n');
      assert.equal(text(reply, 1, 'BODY[TEXT]<9999>'), '');
    });

    it('decodes parts with BINARY (RFC 3516)', async () => {
      const reply = await client.ok(
        'FETCH 2 (BINARY.PEEK[1] BINARY.PEEK[2] BINARY.SIZE[1] BINARY.SIZE[2] BINARY.PEEK[2]<1.1>)',
      );
      assert.equal((value(reply, 2, 'BINARY[1]') as Buffer).toString('utf8'), 'café');
      assert.deepEqual(value(reply, 2, 'BINARY[2]'), Buffer.from([0, 1, 2]));
      assert.equal(text(reply, 2, 'BINARY.SIZE[1]'), '5');
      assert.equal(text(reply, 2, 'BINARY.SIZE[2]'), '3');
      assert.deepEqual(value(reply, 2, 'BINARY[2]<1>'), Buffer.from([1]));
      const unknown = await client.no('FETCH 2 BINARY.PEEK[4]', 'UNKNOWN-CTE');
      assert.equal(fetched(unknown.untagged).size, 0);
      await client.ok('NOOP');
    });

    it('answers the old names of RFC 3501', async () => {
      const reply = await client.ok('FETCH 3 (RFC822.HEADER)');
      assert.match(text(reply, 3, 'RFC822.HEADER')!, /\r\n\r\n$/);
      assert.equal(value(reply, 3, 'FLAGS'), undefined);
      const whole = await client.ok('FETCH 3 (RFC822 RFC822.TEXT)');
      assert.equal(text(whole, 3, 'RFC822'), mail('third'));
      assert.deepEqual(value(whole, 3, 'FLAGS'), ['\\Seen']);
    });

    it('adds UID to UID FETCH and ignores UIDs that are not there', async () => {
      const reply = await client.ok('UID FETCH 2:999 FLAGS');
      assert.deepEqual([...fetched(reply.untagged).keys()], [2, 3]);
      assert.equal(text(reply, 3, 'UID'), '3');
      const last = await client.ok('UID FETCH 999:* FLAGS');
      assert.deepEqual([...fetched(last.untagged).keys()], [3], 'the last message, whatever its UID');
      assert.deepEqual((await client.ok('UID FETCH 500 FLAGS')).untagged, []);
    });

    it('refuses sequence numbers past the end', async () => {
      await client.bad('FETCH 4 FLAGS');
      await client.bad('FETCH 1:9 FLAGS');
      await client.bad('FETCH 1 VANISHED');
    });
  });
}

describe('FETCH of large messages', () => {
  it('streams, scans once and cuts', async () => {
    const service = await startImapService();
    try {
      const line = `${'x'.repeat(70)}\r\n`;
      const body = line.repeat(60_000);
      const big = `From: ann@labo.example\r\nSubject: big\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\n${body}--B\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${`${'AAAA'.repeat(18)}\r\n`.repeat(30_000)}--B--\r\n`;
      service.deliver('INBOX', big);
      const client = await service.login();
      await client.ok('SELECT INBOX');
      const whole = await client.ok('FETCH 1 (BODY.PEEK[] RFC822.SIZE)');
      assert.equal(text(whole, 1, 'BODY[]')!.length, big.length);
      assert.equal(text(whole, 1, 'BODY[]'), big);
      const parts = await client.ok(
        'FETCH 1 (BODY.PEEK[1] BODY.PEEK[HEADER] BODY.PEEK[1]<4000000.100> BINARY.SIZE[2] BINARY.PEEK[2]<1600000.10>)',
      );
      assert.equal(text(parts, 1, 'BODY[1]')!.length, body.length - 2);
      assert.match(text(parts, 1, 'BODY[HEADER]')!, /boundary=B\r\n\r\n$/);
      assert.equal(text(parts, 1, 'BODY[1]<4000000>'), body.slice(4_000_000, 4_000_100));
      assert.equal(text(parts, 1, 'BINARY.SIZE[2]'), String(54 * 30_000));
      assert.deepEqual(value(parts, 1, 'BINARY[2]<1600000>'), Buffer.alloc(10));
    } finally {
      await service.close();
    }
  });
});
