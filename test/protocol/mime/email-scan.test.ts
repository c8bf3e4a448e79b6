/**
 * Messages as JMAP reads them (RFC 8621 4.1), over real and hostile mail: the scan says the same however the octets come, sizes are those
 * of what is decoded, header blocks are those of the parts, what lists show agrees with what the message holds, and no form of any
 * header field fails. Texts are compared with another reader.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasAttachment, selectBodies } from '@vaguemestre/server/codec/mime/body-selection';
import { createEmailScan, type ScannedEmail } from '@vaguemestre/server/codec/mime/email-scan';
import { toBinaryString } from '@vaguemestre/server/codec/mime/header-fields';
import { messageFacts } from '@vaguemestre/server/codec/mime/message-facts';
import type { MimePart } from '@vaguemestre/server/codec/mime/part';
import { readStructure } from '@vaguemestre/server/codec/mime/structure-reader';
import { createTransferDecoder } from '@vaguemestre/server/codec/mime/transfer-encoding';
import { type PlacedPart, partIdOf, placeParts } from '@vaguemestre/server/http/jmap/email/body-part';
import { headerFields } from '@vaguemestre/server/http/jmap/email/header-block';
import { headerValue } from '@vaguemestre/server/http/jmap/email/header-property';
import { scannedProperties } from '@vaguemestre/server/http/jmap/email/scanned-properties';
import { headerForms } from '@vaguemestre/shared/jmap/email';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { type CorpusMessage, extraCorpus, spamAssassin } from '../../harness/corpus.js';
import { brokenMail } from './broken-mail.js';

const long = process.env['VAGUEMESTRE_TEST_LONG'] === '1';

async function* messages(every: number): AsyncGenerator<CorpusMessage> {
  let index = 0;
  for await (const message of spamAssassin()) if (index++ % every === 0 || long) yield message;
  yield* extraCorpus();
  const broken = fc.sample(brokenMail, { numRuns: 200, seed: 1 });
  for (const [i, octets] of broken.entries()) yield { name: `broken ${i}`, octets };
}

function scan(octets: Uint8Array, step: number): ScannedEmail {
  const scanner = createEmailScan({ texts: 'all', maxTextBytes: 0 });
  for (let at = 0; at < octets.length; at += step) scanner.push(octets.slice(at, at + step));
  return scanner.end();
}

const everything = new Set(['bodyStructure', 'textBody', 'htmlBody', 'attachments', 'bodyValues', 'hasAttachment']);
const body = {
  properties: ['partId', 'type', 'size', 'name', 'charset', 'cid', 'headers'],
  text: false,
  html: false,
  all: true,
  maxBytes: 0,
};
const blob = { of: 'email', id: '0'.repeat(24), part: [] } as const;
const propertiesOf = (scanned: ScannedEmail): unknown => scannedProperties(scanned, blob, everything, body);

function leavesOf(part: PlacedPart): readonly PlacedPart[] {
  return part.parts === undefined ? [part] : part.parts.flatMap(leavesOf);
}

function everyPart(part: MimePart, visit: (part: MimePart) => void): void {
  visit(part);
  for (const child of part.children) everyPart(child, visit);
}

test('every message of the corpus reads the same however it comes, and adds up', async () => {
  let count = 0;
  for await (const { name, octets } of messages(8)) {
    count += 1;
    const whole = scan(octets, octets.length + 1);
    const properties = propertiesOf(whole);
    assert.deepEqual(propertiesOf(scan(octets, 997)), properties, `${name}: in pieces`);
    everyPart(whole.root, (part) => {
      const header = whole.headerOf(part);
      const there = toBinaryString(octets, part.headerStart, part.headerStart + header.length);
      assert.equal(header, there, `${name}: the header of each part is its own`);
      if (part.kind !== 'leaf') return;
      const decoder = createTransferDecoder(part.content.encoding);
      const size = decoder.push(octets.subarray(part.bodyStart, part.end)).length + decoder.end().length;
      assert.equal(whole.decodedSize(part), size, `${name}: sizes`);
    });
    const placed = placeParts(whole.root);
    const ids = leavesOf(placed).map(partIdOf);
    assert.equal(new Set(ids).size, ids.length, `${name}: part ids are unique`);
    const card = readStructure(messageFacts(octets).bodyStructure);
    assert.equal(hasAttachment(selectBodies(card)), hasAttachment(selectBodies(placed)), `${name}: the paper clip`);
    const fields = headerFields(whole.headerOf(whole.root));
    for (const { name: field } of fields.list()) {
      for (const form of headerForms) headerValue(fields, { property: '', field, form, all: true });
    }
    JSON.stringify([properties, fields.list()]);
  }
  assert.ok(count > 500);
});

/** The ASCII of it: what 8-bit octets without a true charset mean is anybody's guess, and tested against other readers elsewhere. */
const words = (text: string): string => text.replace(/[^!-~]+/gu, ' ').trim();

test('plain texts are what another reader reads', async () => {
  let [compared, different] = [0, 0];
  const samples: string[] = [];
  for await (const { name, octets } of messages(12)) {
    const scanned = scan(octets, 65_536);
    const placed = placeParts(scanned.root);
    if (scanned.root.kind !== 'leaf' || placed.type !== 'text/plain' || placed.disposition === 'attachment') continue;
    const theirs = await PostalMime.parse(octets);
    if (theirs.text === undefined) continue;
    compared += 1;
    const ours = scanned.textOf(scanned.root)!;
    if (ours.isEncodingProblem || words(ours.value) === words(theirs.text)) continue;
    different += 1;
    samples.push(`${name}: ${words(ours.value).slice(0, 100)} <> ${words(theirs.text).slice(0, 100)}`);
  }
  assert.ok(compared > 200, `${compared} compared`);
  // UTF-7, and the spaces of format=flowed.
  assert.ok(different * 100 <= compared, `${different} of ${compared}\n${samples.slice(0, 20).join('\n')}`);
});

test('a thousand parts, a deep nest and long lines take no time and no memory', () => {
  const parts = Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(50_000)}`);
  const deep = Buffer.from(
    Array.from({ length: 3_000 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`).join(
      '',
    ),
  );
  const line = Buffer.from(`Subject: x\r\n\r\n${'é'.repeat(4_000_000)}`);
  const base64 = Buffer.from(`Content-Transfer-Encoding: base64\r\n\r\n${'='.repeat(4_000_000)}`);
  const folded = Buffer.from(`Subject: ${'\r\n a'.repeat(200_000)}\r\n\r\n`);
  for (const octets of [parts, deep, line, base64, folded]) {
    const start = performance.now();
    const scanned = scan(octets, 65_536);
    propertiesOf(scanned);
    headerFields(scanned.headerOf(scanned.root)).list();
    const text = scanned.textOf(scanned.root);
    assert.ok(text === undefined || text.value.length <= 4 * 1024 * 1024);
    const ms = performance.now() - start;
    assert.ok(ms < 8_000, `${ms} ms`);
  }
});
