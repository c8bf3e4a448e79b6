import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCharsetDecoder } from '@vaguemestre/server/codec/mime/charset';
import { createHtmlTextDecoder } from '@vaguemestre/server/codec/mime/html-text';
import { createLineEndMender } from '@vaguemestre/server/codec/mime/line-ends';
import { createMessageScan, messageFacts } from '@vaguemestre/server/codec/mime/message-facts';
import type { BodySink } from '@vaguemestre/server/codec/mime/scan-tap';
import { MimeScanner } from '@vaguemestre/server/codec/mime/scanner';
import { createTransferDecoder } from '@vaguemestre/server/codec/mime/transfer-encoding';
import fc from 'fast-check';
import { brokenMailWithCuts } from './broken-mail.js';

const runs = { numRuns: 1_500 };

test('a message gives the same facts however it is cut', () => {
  fc.assert(
    fc.property(brokenMailWithCuts, ({ octets, chunks }) => {
      const scan = createMessageScan();
      for (const chunk of chunks) scan.push(Uint8Array.from(chunk));
      assert.deepEqual(scan.end(), messageFacts(octets));
    }),
    runs,
  );
});

test('a tap is handed exactly the octets of each leaf', () => {
  fc.assert(
    fc.property(brokenMailWithCuts, ({ octets, chunks }) => {
      const bodies: { readonly start: number; readonly octets: Buffer }[] = [];
      const scanner = new MimeScanner({
        leaf(part): BodySink {
          const start = part.bodyStart;
          const pieces: Buffer[] = [];
          return {
            push: (piece) => pieces.push(Buffer.from(piece)),
            end: () => bodies.push({ start, octets: Buffer.concat(pieces) }),
          };
        },
      });
      for (const chunk of chunks) scanner.push(chunk);
      const root = scanner.end();
      const ends = new Map<number, number>();
      const walk = (part: typeof root): void => {
        if (part.kind === 'leaf') ends.set(part.bodyStart, Math.max(part.end, ends.get(part.bodyStart) ?? 0));
        part.children.forEach(walk);
      };
      walk(root);
      for (const body of bodies) {
        assert.equal(body.octets.toString('latin1'), octets.toString('latin1', body.start, ends.get(body.start)));
      }
    }),
    runs,
  );
});

test('parts lie inside their parents, in order, and count their lines', () => {
  fc.assert(
    fc.property(brokenMailWithCuts, ({ octets, chunks }) => {
      const scanner = new MimeScanner();
      for (const chunk of chunks) scanner.push(chunk);
      const root = scanner.end();
      assert.equal(root.end, octets.length);
      const walk = (part: typeof root): void => {
        assert.ok(part.headerStart <= part.bodyStart && part.bodyStart <= part.end);
        let lines = 0;
        for (let i = part.bodyStart; i < part.end; i++) if (octets[i] === 10) lines++;
        assert.equal(part.lines, lines);
        let at = part.bodyStart;
        for (const child of part.children) {
          assert.ok(child.headerStart >= at && child.end <= part.end, 'child outside its parent');
          at = child.end;
          walk(child);
        }
        if (part.kind !== 'leaf') assert.ok(part.children.length > 0);
        if (part.kind === 'message')
          assert.deepEqual([part.children[0]?.headerStart, part.children[0]?.end], [part.bodyStart, part.end]);
      };
      walk(root);
    }),
    runs,
  );
});

test('line ends are mended the same way however the octets are cut', () => {
  fc.assert(
    fc.property(brokenMailWithCuts, ({ octets, chunks }) => {
      const mender = createLineEndMender();
      const mended = Buffer.concat(chunks.map((chunk) => mender.push(chunk)));
      const expected: number[] = [];
      octets.forEach((octet, i) => {
        if (octet === 10 && octets[i - 1] !== 13) expected.push(13);
        expected.push(octet);
      });
      assert.deepEqual([...mended], expected);
      const again = createLineEndMender();
      assert.equal(again.push(mended), mended, 'what is right is handed on uncopied');
    }),
    runs,
  );
});

test('decoders of transfer encodings, charsets and HTML do not depend on the cuts', () => {
  const decoders = [
    ...['base64', 'quoted-printable'].map((encoding) => () => {
      const decoder = createTransferDecoder(encoding);
      return {
        push: (chunk: Uint8Array) => Buffer.from(decoder.push(chunk)).toString('latin1'),
        end: () => Buffer.from(decoder.end()).toString('latin1'),
      };
    }),
    ...['', 'utf-8', 'iso-2022-jp', 'utf-7', 'utf-16le', 'gb18030'].map(
      (charset) => () => createCharsetDecoder(charset),
    ),
    () => {
      const decoder = createHtmlTextDecoder();
      return {
        push: (chunk: Uint8Array) => decoder.push(Buffer.from(chunk).toString('latin1')),
        end: () => decoder.end(),
      };
    },
  ];
  fc.assert(
    fc.property(brokenMailWithCuts, fc.constantFrom(...decoders), ({ octets, chunks }, create) => {
      const whole = create();
      const cut = create();
      const expected = whole.push(octets) + whole.end();
      const pieces: string[] = [];
      for (const chunk of chunks) pieces.push(cut.push(chunk));
      assert.equal(pieces.join('') + cut.end(), expected);
    }),
    { numRuns: 3_000 },
  );
});
