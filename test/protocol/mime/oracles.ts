/**
 * What other readers of MIME say of a message, brought to one form that can be compared with ours: `wildduck` for ENVELOPE and
 * BODYSTRUCTURE, `postal-mime` and `mailparser` for decoded header fields, text and attachments. Only forms are made
 * equal here (white space, case, NIL against nothing); what they mean is left to `differences.ts`.
 */
import { createRequire } from 'node:module';
import { decodeCharset } from '@vaguemestre/server/codec/mime/charset';
import { decodeEncodedWords } from '@vaguemestre/server/codec/mime/encoded-words';
import type { MessageFacts } from '@vaguemestre/server/codec/mime/message-facts';
import { plainParameter } from '@vaguemestre/server/codec/mime/parameters';
import type { MimePart } from '@vaguemestre/server/codec/mime/part';
import { createTransferDecoder } from '@vaguemestre/server/codec/mime/transfer-encoding';
import { type AddressObject, simpleParser } from 'mailparser';
import PostalMime, { type Address } from 'postal-mime';
import { type ImapValue, parseImapValue } from './imap-values.js';

export type Oracle = 'wildduck' | 'postal-mime' | 'mailparser';

/** One thing two readers see differently. */
export interface Difference {
  readonly oracle: Oracle;
  readonly field: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** [field, ours, theirs] for everything that can be compared. */
export type Comparison = readonly [string, unknown, unknown];

const white = (text: string | null | undefined): string => (text ?? '').replace(/\s+/g, ' ').trim();

// --- wildduck -----------------------------------------------------------------------------------------------------------------

interface Indexer {
  parseMimeTree(octets: Buffer): object;
  getEnvelope(tree: object): readonly ForeignValue[];
  getBodyStructure(tree: object): readonly ForeignValue[];
}

type ForeignValue = null | string | number | Buffer | { readonly value: ForeignValue } | readonly ForeignValue[];

// Reading its configuration would look at our arguments and environment.
process.env['DISABLE_WILD_CONFIG'] = 'true';
const require = createRequire(import.meta.url);
const WildduckIndexer = require('wildduck/imap-core/lib/indexer/indexer.js') as new () => Indexer;

function plain(value: ForeignValue): ImapValue {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  if (Array.isArray(value)) return (value as readonly ForeignValue[]).map(plain);
  if (typeof value === 'object') return plain((value as { readonly value: ForeignValue }).value);
  return String(value);
}

const envelopeFields = [
  'date',
  'subject',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'in-reply-to',
  'message-id',
];

export function compareWithWildduck(octets: Buffer, facts: MessageFacts): readonly Comparison[] {
  const indexer = new WildduckIndexer();
  const tree = indexer.parseMimeTree(octets);
  const out: Comparison[] = [];
  const ours = parseImapValue(facts.envelope) as ImapValue[];
  const theirs = indexer.getEnvelope(tree).map(plain);
  envelopeFields.forEach((field, i) => {
    if (i >= 2 && i <= 7)
      out.push([field, envelopeAddresses(ours[i]!, true), envelopeAddresses(theirs[i] ?? null, false)]);
    else
      out.push([field, white(decodeEncodedWords((ours[i] as string | null) ?? '')), white(theirs[i] as string | null)]);
  });
  compareStructures(
    parseImapValue(facts.bodyStructure),
    plain(indexer.getBodyStructure(tree) as ForeignValue),
    '',
    out,
  );
  return out;
}

function envelopeAddresses(list: ImapValue, raw: boolean): readonly (string | null)[][] {
  const text = (value: ImapValue | undefined): string | null => {
    if (typeof value !== 'string') return null;
    return white(raw ? decodeEncodedWords(value) : value);
  };
  return ((list ?? []) as ImapValue[][]).map((address) => [
    text(address[0]) || null,
    text(address[2]),
    text(address[3]),
  ]);
}

const basicFields = ['type', 'subtype', 'parameters', 'id', 'description', 'encoding', 'size'];

function compareStructures(ours: ImapValue, theirs: ImapValue, path: string, out: Comparison[]): void {
  const [a, b] = [ours as ImapValue[], theirs as ImapValue[]];
  if (Array.isArray(a[0]) !== Array.isArray(b[0])) {
    out.push([`kind ${path}`, a, b]);
    return;
  }
  if (Array.isArray(a[0])) {
    const childrenOf = (list: ImapValue[]): number => list.findIndex((value) => !Array.isArray(value));
    const [n, m] = [childrenOf(a), childrenOf(b)];
    out.push([`children ${path}`, n, m]);
    if (n !== m) return;
    for (let i = 0; i < n; i++) compareStructures(a[i]!, b[i]!, path === '' ? `${i + 1}` : `${path}.${i + 1}`, out);
    out.push(
      [`subtype ${path}`, lower(a[n]), lower(b[n])],
      [`parameters ${path}`, parameters(a[n + 1]), parameters(b[n + 1])],
    );
    compareExtensions(a.slice(n + 2), b.slice(n + 2), path, out);
    return;
  }
  basicFields.forEach((field, i) => {
    if (field === 'parameters') out.push([`${field} ${path}`, parameters(a[i]), parameters(b[i])]);
    else if (field === 'id' || field === 'description')
      out.push([`${field} ${path}`, white(a[i] as string), white(b[i] as string)]);
    else out.push([`${field} ${path}`, lower(a[i]), lower(b[i])]);
  });
  if (lower(a[0]) !== lower(b[0]) || lower(a[1]) !== lower(b[1])) return;
  let [i, j] = [7, 7];
  if (lower(a[0]) === 'message' && lower(a[1]) === 'rfc822') {
    if (!Array.isArray(b[8])) {
      out.push([`message ${path}`, 'looked into', 'not looked into']);
      return;
    }
    compareStructures(a[8]!, b[8]!, `${path}.m`, out);
    out.push([`lines ${path}`, a[9], b[9]]);
    [i, j] = [10, 10];
  } else if (lower(a[0]) === 'text') {
    out.push([`lines ${path}`, a[7], b[7]]);
    [i, j] = [8, 8];
  }
  out.push([`md5 ${path}`, a[i], b[j]]);
  compareExtensions(a.slice(i + 1), b.slice(j + 1), path, out);
}

function compareExtensions(a: readonly ImapValue[], b: readonly ImapValue[], path: string, out: Comparison[]): void {
  const [ours, theirs] = [a[0] as ImapValue[] | null, b[0] as ImapValue[] | null];
  out.push([`disposition ${path}`, lower(ours?.[0]), lower(theirs?.[0])]);
  out.push([`disposition parameters ${path}`, parameters(ours?.[1]), parameters(theirs?.[1])]);
  const languages = (value: ImapValue | undefined): string =>
    [value ?? []]
      .flat()
      .filter((word) => word !== '')
      .join(',');
  out.push(
    [`language ${path}`, languages(a[1]), languages(b[1])],
    [`location ${path}`, white(a[2] as string), white(b[2] as string)],
  );
}

function lower(value: ImapValue | undefined): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}

/** `name=value` in order of names; one value a name. */
function parameters(value: ImapValue | undefined): string {
  const list = (value ?? []) as ImapValue[];
  const pairs: string[] = [];
  for (let i = 0; i + 1 < list.length; i += 2) pairs.push(`${lower(list[i])}=${white(list[i + 1] as string)}`);
  return pairs.sort().join(' ; ');
}

// --- postal-mime, mailparser ------------------------------------------------------------------------------------------------------

interface Decoded {
  readonly subject: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly date: number | undefined;
  readonly messageId: string;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly Buffer[];
}

export async function compareWithPostalMime(octets: Buffer, facts: MessageFacts): Promise<readonly Comparison[]> {
  const mail = await PostalMime.parse(octets, { rfc822Attachments: true, attachmentEncoding: 'arraybuffer' });
  const flat = (list: readonly Address[] | undefined): string[] =>
    (list ?? []).flatMap((entry) => entry.group ?? [entry]).map((entry) => shown(entry.name, entry.address));
  return compareDecoded(octets, facts, {
    subject: mail.subject ?? '',
    from: flat(mail.from === undefined ? [] : [mail.from]).slice(0, 1),
    to: flat(mail.to),
    cc: flat(mail.cc),
    date: seconds(mail.date),
    messageId: mail.messageId ?? '',
    text: mail.text ?? '',
    html: mail.html ?? '',
    attachments: mail.attachments.map((attachment) => Buffer.from(attachment.content as ArrayBuffer)),
  });
}

export async function compareWithMailparser(octets: Buffer, facts: MessageFacts): Promise<readonly Comparison[]> {
  const mail = await simpleParser(octets, {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
    skipImageLinks: true,
  });
  const flat = (list: AddressObject | AddressObject[] | undefined): string[] =>
    [list ?? []]
      .flat()
      .flatMap((object) => object.value)
      .flatMap((entry) => entry.group ?? [entry])
      .map((entry) => shown(entry.name, entry.address));
  return compareDecoded(octets, facts, {
    subject: mail.subject ?? '',
    from: flat(mail.from).slice(0, 1),
    to: flat(mail.to),
    cc: flat(mail.cc),
    date: mail.date === undefined ? undefined : Math.floor(mail.date.getTime() / 1000),
    messageId: mail.messageId ?? '',
    text: mail.text ?? '',
    html: mail.html || '',
    attachments: mail.attachments.map((attachment) => attachment.content),
  });
}

function shown(name: string | undefined, address: string | undefined): string {
  return `${white(name)} <${white(address)}>`;
}

function seconds(date: string | undefined): number | undefined {
  const parsed = date === undefined ? Number.NaN : Math.floor(new Date(date).getTime() / 1000);
  return Number.isNaN(parsed) ? undefined : parsed;
}

function compareDecoded(octets: Buffer, facts: MessageFacts, theirs: Decoded): readonly Comparison[] {
  const list = (addresses: MessageFacts['to']): string[] => addresses.map((entry) => shown(entry.name, entry.address));
  const out: Comparison[] = [
    ['subject', white(facts.subject), white(theirs.subject)],
    ['from', list(facts.from).slice(0, 1), theirs.from],
    ['to', list(facts.to), theirs.to.slice(0, 50)],
    ['cc', list(facts.cc), theirs.cc.slice(0, 50)],
    ['date', facts.sent?.seconds, theirs.date],
    ['message-id', facts.messageId ?? '', white(theirs.messageId).replace(/^<|>$/g, '')],
  ];
  const leaves = leavesOf(facts.root, octets);
  const [only] = leaves;
  if (leaves.length === 1 && only?.text !== undefined) {
    out.push(['text', bare(only.text), bare(only.part.content.subtype === 'html' ? theirs.html : theirs.text)]);
  }
  // White space aside: line ends inside text attachments are mended by both in their own way.
  const known = new Set(leaves.flatMap((leaf) => [bare(leaf.octets.toString('latin1')), bare(leaf.text ?? '')]));
  theirs.attachments.forEach((attachment, i) => {
    const there = known.has(bare(attachment.toString('latin1'))) || known.has(bare(attachment.toString('utf8')));
    out.push([`attachment ${i}`, there ? attachment.length : 'none like it', attachment.length]);
  });
  return out;
}

interface Leaf {
  readonly part: MimePart;
  readonly octets: Buffer;
  readonly text: string | undefined;
}

function leavesOf(root: MimePart, message: Buffer): readonly Leaf[] {
  const out: Leaf[] = [];
  const walk = (part: MimePart): void => {
    const encoded = message.subarray(part.bodyStart, part.end);
    if (part.kind === 'message') out.push({ part, octets: encoded, text: undefined });
    if (part.kind === 'leaf') {
      const decoder = createTransferDecoder(part.content.encoding);
      const octets = Buffer.concat([decoder.push(encoded), decoder.end()]);
      const charset = plainParameter(part.content.parameters, 'charset') ?? '';
      out.push({ part, octets, text: part.content.type === 'text' ? decodeCharset(octets, charset) : undefined });
    }
    part.children.forEach(walk);
  };
  walk(root);
  return out;
}

/** Without white space, NUL and byte order marks. */
function bare(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what it is about
  return text.replace(/[\s\u0000\ufeff]+/g, '');
}
