import { createHash } from 'node:crypto';
import { headerOf } from './header.js';
import { attachment, blob, dateOf, htmlPart, multipart, type Part, type TextEncoding, textPart } from './parts.js';
import { hash32, type Random, randomOf } from './random.js';
import { rare } from './rare.js';

/**
 * Deterministic mail: message i of a corpus is a pure function of (corpus, i). Nothing is stored.
 *
 *   mix10k   10,000 messages of about 8 KB: plain, alternative, attachments, nested messages
 *   big100k  100,000 messages of about 1 KB
 *   app5k    multipart/alternative of about 5 KB, for APPEND and LMTP
 */
export type CorpusName = 'mix10k' | 'big100k' | 'app5k';

export const corpusSizes: Readonly<Record<CorpusName, number>> = {
  mix10k: 10_000,
  big100k: 100_000,
  app5k: Number.POSITIVE_INFINITY,
};

const nestedCount = 10_000;

export const isSeen = (corpus: CorpusName, index: number) => (corpus === 'big100k' ? index % 10 < 7 : index % 3 === 0);
export const internalDate = (corpus: CorpusName, index: number) => dateOf(index, corpusSizes[corpus]).imap;

function countOf(matches: (index: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < corpusSizes.mix10k; i++) if (matches(i)) count++;
  return count;
}

/** Exact numbers of hits in mix10k. */
export const facts = {
  unseen: countOf((i) => !isSeen('mix10k', i)),
  from: countOf(rare.inFrom),
  subject: countOf(rare.inSubject),
  body: countOf(rare.inBody),
  text: countOf((i) => rare.inBody(i) || rare.inHeader(i)),
};

const rareEncodings: readonly TextEncoding[] = ['7bit', 'qp', 'base64'];

function mixedBody(random: Random, corpus: CorpusName, index: number): Part {
  const isRare = corpus === 'mix10k' && rare.inBody(index);
  const word = isRare ? rare.word : undefined;
  const encoding = isRare ? rareEncodings[Math.trunc(index / 1429) % 3] : undefined;
  const x = random();
  if (x < 0.42) return textPart(random, 400 + random() * 2400, word, encoding);
  if (x < 0.82) {
    const text = textPart(random, 400 + random() * 1600, word, encoding);
    return multipart(random, 'alternative', [text, htmlPart(random, 800 + random() * 2700)]);
  }
  if (x < 0.94) {
    const text = textPart(random, 400 + random() * 1500, word, encoding);
    const files = Array.from({ length: random() < 0.2 ? 2 : 1 }, () =>
      attachment(random, Math.trunc(3000 + random() * random() * 50000)),
    );
    return multipart(random, 'mixed', [text, ...files]);
  }
  if (x < 0.97) {
    const text = textPart(random, 800, word, encoding);
    const alternative = multipart(random, 'alternative', [text, htmlPart(random, 2000)]);
    const image = attachment(random, Math.trunc(5000 + random() * 12000));
    return multipart(random, 'related', [alternative, image], ';\r\n\ttype="multipart/alternative"');
  }
  const header = headerOf(random, 'inner', index, nestedCount, true);
  const nested = textPart(random, 1500);
  return multipart(random, 'mixed', [
    textPart(random, 400, word, encoding),
    {
      header: 'Content-Type: message/rfc822\r\nContent-Disposition: inline\r\n',
      body: `${header}${nested.header}\r\n${nested.body}`,
    },
  ]);
}

/** Message `index`: CRLF lines, no NUL, ends in CRLF. */
export function message(corpus: CorpusName, index: number): Buffer {
  const random = randomOf(hash32(`${corpus}:${index}`));
  const short = corpus === 'big100k';
  const header = headerOf(random, corpus, index, corpusSizes[corpus], short);
  let part: Part;
  if (short) part = textPart(random, 120 + random() * 420);
  else if (corpus === 'app5k') {
    const text = textPart(random, 700 + random() * 300);
    part = multipart(random, 'alternative', [text, htmlPart(random, 850 + random() * 350)]);
  } else part = mixedBody(random, corpus, index);
  return Buffer.from(`${header}${part.header}\r\n${part.body}`, 'latin1');
}

let big: Buffer | undefined;
/** One message of about 25 MB: a text and one base64 attachment. */
export function bigMessage(): Buffer {
  if (big) return big;
  const octets = Buffer.alloc(18_250_000);
  for (let at = 0; at < octets.length; at += blob.length) {
    blob.copy(octets, at);
    octets.writeUInt32LE(at, at);
  }
  const boundary = '----=_Part_25MB';
  const header = headerOf(randomOf(777), 'big25', 0, 1, false);
  const head = `${header}Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n--${boundary}\r\nContent-Type: text/plain\r\n\r\nVoici la video.\r\n--${boundary}\r\nContent-Type: video/mp4\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="video.mp4"\r\n\r\n`;
  const body = octets.toString('base64').replace(/.{76}/g, '$&\r\n');
  big = Buffer.from(`${head}${body}\r\n--${boundary}--\r\n`, 'latin1');
  return big;
}

/** Sum of the messages' SHA-1 (first 48 bits), so that any order gives the same value. */
export class Digest {
  #sum = 0n;
  #count = 0;

  add(octets: Uint8Array): void {
    this.addHash(createHash('sha1').update(octets).digest());
  }

  addHash(hash: Buffer): void {
    this.#sum = (this.#sum + BigInt(hash.readUIntBE(0, 6))) & 0xffffffffffffn;
    this.#count++;
  }

  value(): string {
    return `${this.#count}:${this.#sum.toString(16)}`;
  }
}

const known = new Map<string, { readonly octets: number; readonly digest: string }>();
/** Octets and digest of a whole corpus. */
export function totals(corpus: CorpusName): { readonly octets: number; readonly digest: string } {
  const before = known.get(corpus);
  if (before) return before;
  let octets = 0;
  const digest = new Digest();
  for (let i = 0; i < corpusSizes[corpus]; i++) {
    const one = message(corpus, i);
    octets += one.length;
    digest.add(one);
  }
  const result = { octets, digest: digest.value() };
  known.set(corpus, result);
  return result;
}
