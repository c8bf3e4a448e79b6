/**
 * How fast mail is read: `node test/dist/bench/mime.bench.js`. Small messages are 2,000 of the corpus, one after the other; large ones are
 * 20 MB of base64 and of text. wildduck, postal-mime and mailparser read the same for comparison. Prints one line a row;
 * times are wall times of one thread, so run it on a machine that does nothing else.
 */
import { createRequire } from 'node:module';
import { formatBodyStructure } from '@vaguemestre/server/codec/mime/body-structure';
import { formatEnvelope, readEnvelopeFields } from '@vaguemestre/server/codec/mime/envelope';
import { toOctets } from '@vaguemestre/server/codec/mime/header-fields';
import { createLineEndMender } from '@vaguemestre/server/codec/mime/line-ends';
import { createMessageScan, messageFacts } from '@vaguemestre/server/codec/mime/message-facts';
import { MimeScanner, scanMessage } from '@vaguemestre/server/codec/mime/scanner';
import { textMatches } from '@vaguemestre/server/codec/mime/text-search';
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';
import { Bench } from 'tinybench';
import { spamAssassin } from '../harness/corpus.js';

process.env['DISABLE_WILD_CONFIG'] = 'true';
const WildduckIndexer = createRequire(import.meta.url)('wildduck/imap-core/lib/indexer/indexer.js') as new () => {
  parseMimeTree(octets: Buffer): object;
  getEnvelope(tree: object): unknown;
  getBodyStructure(tree: object): unknown;
};

const small: Buffer[] = [];
for await (const { octets } of spamAssassin(2_000)) small.push(octets);

const largeBytes = 20 * 1024 * 1024;
const chunkBytes = 64 * 1024;
const head = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n';
const large = (partHead: string, line: string): Buffer =>
  Buffer.concat([
    Buffer.from(`${head}${partHead}\r\n\r\n`),
    Buffer.alloc(largeBytes, `${line}\r\n`),
    Buffer.from('\r\n--b--\r\n'),
  ]);
const attachment = large('Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64', 'QUJD'.repeat(19));
const text = large('Content-Type: text/plain', 'The quick brown fox jumps over the lazy dog, again and again.');

let next = 0;
const each = (read: (octets: Buffer) => unknown) => (): unknown => {
  next = (next + 1) % small.length;
  return read(small[next]!);
};
const inChunks = (octets: Buffer, sink: { push(chunk: Uint8Array): unknown }): void => {
  for (let at = 0; at < octets.length; at += chunkBytes) sink.push(octets.subarray(at, at + chunkBytes));
};

const bench = new Bench({ time: 1_500 });
bench
  .add('small: tree', each(scanMessage))
  .add(
    'small: tree, ENVELOPE, BODYSTRUCTURE',
    each((octets) => {
      const root = scanMessage(octets);
      return [toOctets(formatEnvelope(readEnvelopeFields(root.header))), toOctets(formatBodyStructure(root, true))];
    }),
  )
  .add('small: all facts (text, signature, preview)', each(messageFacts))
  .add(
    'small: search its text',
    each((octets) => textMatches(octets, { text: 'zyxquorum', scope: 'text' })),
  )
  .add(
    'small: wildduck tree, ENVELOPE, BODYSTRUCTURE',
    each((octets) => {
      const indexer = new WildduckIndexer();
      const tree = indexer.parseMimeTree(octets);
      return [indexer.getEnvelope(tree), indexer.getBodyStructure(tree)];
    }),
  )
  .add('small: postal-mime', async () => each((octets) => PostalMime.parse(octets))())
  .add('small: mailparser', async () => each((octets) => simpleParser(octets))())
  .add('large: line ends', () => inChunks(attachment, createLineEndMender()))
  .add('large: tree, attachment', () => {
    const scanner = new MimeScanner();
    inChunks(attachment, scanner);
    scanner.end();
  })
  .add('large: all facts, attachment', () => {
    const scan = createMessageScan();
    inChunks(attachment, scan);
    scan.end();
  })
  .add('large: all facts, text', () => {
    const scan = createMessageScan();
    inChunks(text, scan);
    scan.end();
  });
await bench.run();

const smallBytes = small.reduce((sum, octets) => sum + octets.length, 0) / small.length;
for (const task of bench.tasks) {
  const result = task.result as { readonly throughput?: { readonly mean: number }; readonly error?: Error };
  if (result.throughput === undefined) {
    console.log(`${task.name}: ${String(result.error)}`);
    continue;
  }
  const perSecond = result.throughput.mean;
  const bytes = task.name.startsWith('small') ? smallBytes : largeBytes;
  console.log(
    `${task.name.padEnd(50)} ${perSecond.toFixed(0).padStart(8)} /s ${((perSecond * bytes) / 1e6).toFixed(0).padStart(7)} MB/s`,
  );
}
