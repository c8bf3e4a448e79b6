import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { flagsOfHeader, mboxBody, mboxHead, readMarks } from '@vaguemestre/server/admin/mail-files/mbox-form';
import { readMbox } from '@vaguemestre/server/admin/mail-files/mbox-reader';
import fc from 'fast-check';

async function* inPieces(octets: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
}

async function cut(
  text: string | Buffer,
  pieceSize = 7,
): Promise<{ separator: string; offset: number; text: string }[]> {
  const messages: { separator: string; offset: number; text: string }[] = [];
  for await (const event of readMbox(inPieces(Buffer.from(text), pieceSize))) {
    if (event.kind === 'begin') messages.push({ separator: event.separator, offset: event.offset, text: '' });
    const last = messages.at(-1);
    if (event.kind === 'data' && last !== undefined) last.text += event.octets.toString('latin1');
  }
  return messages;
}

const from = 'From anne@labo.example Mon Mar  2 08:00:00 2026';

describe('reading an mbox', () => {
  test('messages, the empty line between them, quoted lines, whatever the pieces', async () => {
    const mbox = `${from}\nSubject: a\n\n>From here\n>>From there\n> From x\n\n${from}\nSubject: b\n\nlast\n\n\n`;
    for (let size = 1; size < 40; size++) {
      const messages = await cut(mbox, size);
      assert.deepEqual(
        messages.map((one) => one.text),
        ['Subject: a\n\nFrom here\n>From there\n> From x\n', 'Subject: b\n\nlast\n\n'],
        `pieces of ${size}`,
      );
      assert.deepEqual(
        messages.map((one) => one.offset),
        [0, mbox.indexOf(from, 1)],
      );
    }
  });

  test('a sentence that begins with From is no separator, a line with a date is', async () => {
    const sentence = `${from}\nA: b\n\nFrom now on, at 12:30, we meet\nFrom 2026 on\nFrom: x\n`;
    assert.equal((await cut(sentence)).length, 1);
    for (const separator of [
      'From a Mon Mar  2 08:00:00 2026',
      'From a@b Mon Mar  2 08:00 2026',
      'From - Mon Mar 02 08:00:00 2026',
      'From a@b  Mon Mar 2 08:00:00 CET 2026',
      'From a@b Mon Mar  2 08:00:00 +0100 2026',
      'From a@b Mon Mar  2 08:00:00 2026 +0100',
    ]) {
      assert.equal((await cut(`${from}\nA: b\n\nx\n\n${separator}\nC: d\n`)).length, 2, separator);
    }
  });

  test('CRLF, no line end at the end, text before the first separator, nothing at all', async () => {
    assert.equal((await cut(`${from}\r\nA: b\r\n\r\nx\r\n\r\n${from}\r\nC: d\r\n`))[0]?.text, 'A: b\r\n\r\nx\r\n');
    assert.equal((await cut(`${from}\nA: b\n\nx`))[0]?.text, 'A: b\n\nx');
    assert.equal((await cut(`hello\n\n${from}\nA: b\n`)).length, 1);
    assert.deepEqual(await cut(''), []);
  });

  test('a line of 20 MB streams through in linear time', async () => {
    const line = Buffer.alloc(20_000_000, 'x');
    const started = performance.now();
    let size = 0;
    const mbox = Buffer.concat([Buffer.from(`${from}\nA: b\n\n`), line]);
    for await (const event of readMbox(inPieces(mbox, 65_536))) if (event.kind === 'data') size += event.octets.length;
    assert.equal(size, line.length + 6);
    assert.ok(performance.now() - started < 2_000);
  });
});

describe('our own mbox', () => {
  const line = fc.oneof(
    fc.constantFrom('From ', 'From a b 08:00:00 2026', '>From x', '', '>', 'F', '\r', 'text', '\r\r', '>>From'),
    fc.string({ maxLength: 8 }),
  );
  const content = fc
    .tuple(fc.array(line, { maxLength: 8 }), fc.boolean())
    // A stored message never has a lone LF.
    .map(([lines, ended]) =>
      Buffer.from(`${lines.join('\r\n')}${ended ? '\r\n' : ''}`.replaceAll(/(?<!\r)\n/g, ''), 'utf8'),
    )
    .filter((octets) => !octets.toString('latin1').replaceAll('\r\n', '').includes('\n'));

  test('lines of any content come back, whatever the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(content, fc.integer({ min: 1, max: 9 }), async (octets, size) => {
        const body = mboxBody();
        const written: Buffer[] = [];
        for (let at = 0; at < octets.length; at += size) written.push(body.write(octets.subarray(at, at + size)));
        written.push(body.write(Buffer.alloc(0)));
        const open = !body.endsWithLine;
        const head = mboxHead({ sender: 'a@b', date: 1_772_438_400, flags: [] }, open);
        const tail = open ? '\n\n' : '\n';
        const [message, ...more] = await cut(Buffer.concat([head, ...written, Buffer.from(tail)]), size);
        assert.equal(more.length, 0);
        const lines = message?.text.split('\n').slice(4).join('\n') ?? '';
        const restored = lines.replaceAll('\n', '\r\n');
        assert.equal(open ? restored.slice(0, -2) : restored, octets.toString('latin1'));
      }),
      { numRuns: 2_000 },
    );
  });

  test('the head says flags, date and end, in the same length', () => {
    const flags = ['\\Seen', '\\Flagged', '\\Answered', '$Forwarded', 'projet'];
    const head = mboxHead({ sender: 'a b', date: 1_772_438_400, flags }, true).toString();
    assert.match(head, /^From MAILER-DAEMON Mon Mar {2}2 08:00:00 2026\n/);
    assert.deepEqual(readMarks(head.split('\n')[1] ?? ''), { lines: 4, date: 1_772_438_400, open: true });
    assert.deepEqual(new Set(flagsOfHeader(head)), new Set(flags));
    assert.equal(mboxHead({ sender: 'a b', date: 1_772_438_400, flags }, false).length, head.length);
    assert.equal(readMarks('X-Vaguemestre-Mbox: lines=4'), undefined);
    assert.equal(readMarks('Subject: x'), undefined);
  });

  test('status lines of other programs', () => {
    assert.deepEqual(flagsOfHeader('Subject: x\nStatus: RO\nX-Status: AF\n').sort(), [
      '\\Answered',
      '\\Flagged',
      '\\Seen',
    ]);
    assert.deepEqual(flagsOfHeader('X-Mozilla-Status: 1005\n').sort(), ['$Forwarded', '\\Flagged', '\\Seen']);
    assert.deepEqual(flagsOfHeader('Subject: Status: R\nX-Keywords: a, b  c\n'), ['a', 'b', 'c']);
    assert.deepEqual(flagsOfHeader(''), []);
  });
});
