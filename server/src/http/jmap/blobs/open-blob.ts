/**
 * Opens a blob: a message of the account that lies in some mailbox, a part of one, or an upload of the account. Nothing else can be
 * named (invariant 5). Octets are streamed; those of a part are decoded on the way (RFC 8621 4.1.4, blobId).
 */
import type { MimePart } from '../../../codec/mime/part.js';
import { MimeScanner } from '../../../codec/mime/scanner.js';
import { partAt } from '../../../codec/mime/sections.js';
import { createTransferDecoder, isKnownEncoding } from '../../../codec/mime/transfer-encoding.js';
import type { Account } from '../../../mailstore/account.js';
import { cutOctets, type OpenMessage, openMessage } from '../../../mailstore/open-message.js';
import { parseBlobId } from './blob-id.js';

export interface OpenBlob {
  readonly id: string;
  /** undefined: known only when all of it was read. */
  readonly size: number | undefined;
  /** Of the part, or as it was uploaded. */
  readonly type: string;
  /** May be called more than once. MailError unavailable, nonexistent when it goes away meanwhile. */
  octets(): AsyncIterable<Uint8Array>;
}

/** undefined: there is no such blob, or it is not the account's; never told apart. */
export async function openBlob(account: Account, blobId: string, signal: AbortSignal): Promise<OpenBlob | undefined> {
  const name = parseBlobId(blobId);
  if (name === undefined) return undefined;
  const whole = name.of === 'upload' ? await openUpload(account, name.id) : await openEmail(account, name.id, signal);
  if (whole === undefined) return undefined;
  const { message, type } = whole;
  if (name.part.length === 0) {
    return { id: blobId, size: message.size, type, octets: () => streamOf(message, 0, message.size) };
  }
  const part = partAt(await message.tree(), name.part);
  return part && openPart(blobId, message, part);
}

/** What openMessage gives of a message that lies in the account; undefined when there is none. */
export async function openEmail(
  account: Account,
  emailId: string,
  signal: AbortSignal,
): Promise<{ readonly message: OpenMessage; readonly type: string } | undefined> {
  const emails = await account.emails();
  const number = emails.numberOf(emailId);
  if (number < 0) return undefined;
  for await (const octets of account.readContents(emails, [number], signal)) {
    const memo = { id: '', tree: undefined };
    return { message: openMessage(account, emails, number, octets, memo, signal), type: 'message/rfc822' };
  }
  return undefined;
}

async function openUpload(
  account: Account,
  id: string,
): Promise<{ readonly message: Pick<OpenMessage, 'size' | 'tree' | 'pieces'>; readonly type: string } | undefined> {
  const upload = await account.uploads.open(id);
  if (upload === undefined) return undefined;
  const { size } = upload;
  return {
    type: upload.type,
    message: {
      size,
      async tree() {
        const scanner = new MimeScanner();
        for await (const piece of upload.octets()) scanner.push(piece);
        return scanner.end();
      },
      pieces: (start, end) => cutOctets(upload.octets(), start, end),
    },
  };
}

function openPart(id: string, message: Pick<OpenMessage, 'pieces'>, part: MimePart): OpenBlob {
  const { type, subtype, encoding } = part.content;
  const { bodyStart, end } = part;
  // RFC 2045 6.4: composite types are never encoded; what has an unknown encoding is given as it is (RFC 8621 4.1.4).
  const encoded = part.kind === 'leaf' && (encoding === 'base64' || encoding === 'quoted-printable');
  return {
    id,
    size: encoded ? undefined : end - bodyStart,
    type: isKnownEncoding(encoding) || part.kind !== 'leaf' ? `${type}/${subtype}` : 'application/octet-stream',
    octets: () => {
      const raw = streamOf(message, bodyStart, end);
      return encoded ? decoded(raw, encoding) : raw;
    },
  };
}

async function* streamOf(message: Pick<OpenMessage, 'pieces'>, start: number, end: number): AsyncGenerator<Uint8Array> {
  if (start < end) yield* message.pieces(start, end);
}

async function* decoded(raw: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Uint8Array> {
  const decoder = createTransferDecoder(encoding);
  for await (const piece of raw) {
    const octets = decoder.push(piece);
    // What a decoder gives is its own until it is called again.
    if (octets.length > 0) yield octets;
  }
  const rest = decoder.end();
  if (rest.length > 0) yield rest;
}

/** All of it in memory; undefined when it is larger than `maxBytes`. */
export async function readBlob(blob: Pick<OpenBlob, 'octets' | 'size'>, maxBytes: number): Promise<Buffer | undefined> {
  if (blob.size !== undefined && blob.size > maxBytes) return undefined;
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of blob.octets()) {
    size += piece.length;
    if (size > maxBytes) return undefined;
    // A decoder may use its buffer again.
    pieces.push(Uint8Array.from(piece));
  }
  return Buffer.concat(pieces, size);
}
