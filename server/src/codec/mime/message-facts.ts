/**
 * All that the store keeps of a message besides its octets, from one pass over them as they arrive: what lists show, what threads
 * and searches need. The mailstore calls only this at delivery.
 *
 * `createMessageScan` takes content (octets with line ends already mended); what a delivery puts before the content is added with
 * `withPrefix`, so that a message to a hundred recipients is read once. Never fails: every message has facts.
 */
import type { AddressItem } from './addresses.js';
import { formatBodyStructure } from './body-structure.js';
import { decodeRaw } from './charset.js';
import { parseDate } from './dates.js';
import { decodeEncodedWords } from './encoded-words.js';
import { formatEnvelope, readEnvelopeFields } from './envelope.js';
import { createTextFolder } from './fold.js';
import { toBinaryString, toOctets } from './header-fields.js';
import { listHeaders } from './listed-headers.js';
import { baseSubject, parseMessageIds, threadHashes } from './message-ids.js';
import type { MimePart } from './part.js';
import { createPreviewBuilder } from './preview.js';
import { MimeScanner } from './scanner.js';
import { createSignatureBuilder, maxSignatureParts } from './signature.js';
import { createTextTap, type TextSink } from './text.js';

export interface DecodedAddress {
  /** Display name, decoded; '' if there is none. */
  readonly name: string;
  /** `local@domain`, as written. */
  readonly address: string;
}

export interface MessageFacts {
  readonly size: number;
  /** ENVELOPE as it goes out, without its name. */
  readonly envelope: Uint8Array;
  /** BODYSTRUCTURE (extended) as it goes out, without its name. */
  readonly bodyStructure: Uint8Array;
  /** The fields of `listedHeaderFields`, each with its CRLF, in message order. */
  readonly headers: Uint8Array;
  /** At most `maxDecodedAddresses` each. */
  readonly from: readonly DecodedAddress[];
  readonly to: readonly DecodedAddress[];
  readonly cc: readonly DecodedAddress[];
  /** Decoded. */
  readonly subject: string;
  /** RFC 5256 2.1. */
  readonly baseSubject: string;
  /** Date field: seconds since 1970 and its zone; undefined if there is none that makes sense. */
  readonly sent: { readonly seconds: number; readonly zoneMinutes: number } | undefined;
  /** Without brackets. */
  readonly messageId: string | undefined;
  /** Hashes of the own Message-ID (first, if `messageId` is there) and of those it answers to. */
  readonly references: readonly bigint[];
  readonly preview: string;
  /** 1 KB a part; undefined: always look (store design section 7). */
  readonly signature: readonly Uint8Array[] | undefined;
  /** A part that is neither text shown inline nor a container: what lists mark with a paper clip. */
  readonly hasAttachment: boolean;
  readonly root: MimePart;
}

export const maxDecodedAddresses = 50;
/** Decoded octets of subjects and names kept outside the header itself. */
const maxDecodedCharacters = 2_000;

export interface MessageScan {
  push(chunk: Uint8Array): void;
  /** Once, at the end. */
  end(): MessageFacts;
}

export function createMessageScan(): MessageScan {
  const preview = createPreviewBuilder();
  const signature = createSignatureBuilder();
  const folder = createTextFolder((octets) => signature.push(octets));
  const sink: TextSink = {
    get wanted() {
      return preview.wanted || !signature.full;
    },
    begin(unit) {
      folder.separate();
      preview.begin(unit);
    },
    text(text) {
      if (preview.wanted) preview.text(text);
      if (!signature.full) folder.push(text);
    },
  };
  const scanner = new MimeScanner(createTextTap(sink));
  return {
    push: (chunk) => scanner.push(chunk),
    end() {
      const root = scanner.end();
      folder.separate();
      folder.close();
      return factsOf(root, scanner.size, preview.finish(), signature.finish());
    },
  };
}

/** The facts of prefix + content, from those of content. `prefix` holds whole header fields that no list shows. */
export function withPrefix(facts: MessageFacts, prefix: Uint8Array): MessageFacts {
  if (prefix.length === 0) return facts;
  const signature = createSignatureBuilder();
  const folder = createTextFolder((octets) => signature.push(octets));
  createTextTap({ wanted: true, begin: () => undefined, text: (text) => folder.push(text) }).header?.(
    toBinaryString(prefix),
    'message',
  );
  folder.close();
  const parts = signature.finish();
  const all = facts.signature === undefined || parts === undefined ? undefined : [...facts.signature, ...parts];
  return {
    ...facts,
    size: facts.size + prefix.length,
    signature: all === undefined || all.length > maxSignatureParts ? undefined : all,
  };
}

/** Facts of octets that are all in memory. */
export function messageFacts(octets: Uint8Array): MessageFacts {
  const scan = createMessageScan();
  scan.push(octets);
  return scan.end();
}

function factsOf(
  root: MimePart,
  size: number,
  preview: string,
  signature: readonly Uint8Array[] | undefined,
): MessageFacts {
  const fields = readEnvelopeFields(root.header);
  const subject = fields.subject === undefined ? '' : decodeEncodedWords(fields.subject).slice(0, maxDecodedCharacters);
  const messageId = fields.messageId === undefined ? undefined : parseMessageIds(fields.messageId)[0];
  return {
    size,
    envelope: toOctets(formatEnvelope(fields)),
    bodyStructure: toOctets(formatBodyStructure(root, true)),
    headers: toOctets(listHeaders(root.header)),
    from: decodeAddresses(fields.from),
    to: decodeAddresses(fields.to),
    cc: decodeAddresses(fields.cc),
    subject,
    baseSubject: baseSubject(subject),
    sent: fields.date === undefined ? undefined : parseDate(fields.date),
    messageId: messageId === undefined ? undefined : decodeRaw(messageId),
    references: threadHashes(fields.messageId, fields.inReplyTo, fields.references),
    preview,
    signature,
    hasAttachment: hasAttachment(root),
    root,
  };
}

function decodeAddresses(items: readonly AddressItem[]): DecodedAddress[] {
  const out: DecodedAddress[] = [];
  for (const item of items) {
    if (item.kind !== 'mailbox') continue;
    if (out.length === maxDecodedAddresses) break;
    const address = item.domain === '' ? item.local : `${item.local}@${item.domain}`;
    out.push({
      name: item.name === undefined ? '' : decodeEncodedWords(item.name).slice(0, maxDecodedCharacters),
      address: decodeRaw(address).slice(0, maxDecodedCharacters),
    });
  }
  return out;
}

function hasAttachment(part: MimePart): boolean {
  if (part.kind === 'multipart') return part.children.some(hasAttachment);
  const { type, disposition } = part.content;
  if (disposition?.head === 'attachment') return true;
  if (type === 'text') return false;
  // Inline pictures of an HTML text are no attachments.
  return !(type === 'image' && (disposition?.head === 'inline' || part.content.id !== undefined));
}
