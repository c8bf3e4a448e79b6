/**
 * The MongoDB wire protocol, the two forms of it that a driver of today uses: OP_MSG, and OP_QUERY for the very first
 * `hello` of a connection. Everything that is not well formed ends the connection, as it does at MongoDB: after a frame
 * that cannot be read there is no telling where the next one begins.
 */
import { validateDocument } from '../bson/element.js';
import { BsonWriter } from '../bson/writer.js';

export const maxMessageBytes = 48_000_000;

const opReply = 1;
const opQuery = 2004;
const opMsg = 2013;

const checksumPresent = 1;
const moreToCome = 2;

export interface Request {
  readonly requestId: number;
  /** How the reply is framed. */
  readonly form: 'query' | 'message';
  /** False for a write that wants no acknowledgement. */
  readonly replyWanted: boolean;
  readonly body: Buffer;
  /** Of the whole message. */
  readonly bytes: number;
  /** The documents of kind 1 sections, by the name of the field they stand for. */
  readonly sequences: ReadonlyMap<string, Buffer[]>;
  /** OP_QUERY only: `db.$cmd`. */
  readonly database: string | undefined;
}

export class ProtocolError extends Error {}

const noSequences: ReadonlyMap<string, Buffer[]> = new Map();

/** One whole message, header and all. */
export function parseMessage(frame: Buffer): Request {
  const requestId = frame.readInt32LE(4);
  switch (frame.readInt32LE(12)) {
    case opMsg:
      return parseOpMsg(frame, requestId);
    case opQuery:
      return parseOpQuery(frame, requestId);
    default:
      throw new ProtocolError(`operation ${frame.readInt32LE(12)} is not supported`);
  }
}

function documentAt(frame: Buffer, at: number, limit: number): Buffer {
  if (at + 5 > limit) throw new ProtocolError('document is cut off');
  const end = at + frame.readInt32LE(at);
  if (end > limit || end < at + 5) throw new ProtocolError('document is cut off');
  validateDocument(frame, at, end);
  return frame.subarray(at, end);
}

function cstringEnd(frame: Buffer, at: number, limit: number): number {
  const end = frame.indexOf(0, at);
  if (end < 0 || end >= limit) throw new ProtocolError('name is not terminated');
  return end;
}

function parseOpMsg(frame: Buffer, requestId: number): Request {
  if (frame.length < 26) throw new ProtocolError('message is cut off');
  const flags = frame.readUInt32LE(16);
  // The lower 16 bits must be understood; exhaustAllowed (bit 16) may be ignored.
  if ((flags & 0xffff & ~(checksumPresent | moreToCome)) !== 0) throw new ProtocolError('unknown flags');
  const limit = frame.length - (flags & checksumPresent ? 4 : 0);
  let at = 20;
  let body: Buffer | undefined;
  let sequences: Map<string, Buffer[]> | undefined;
  while (at < limit) {
    const kind = frame[at++];
    if (kind === 0) {
      if (body) throw new ProtocolError('more than one body');
      body = documentAt(frame, at, limit);
      at += body.length;
    } else if (kind === 1) {
      if (at + 4 > limit) throw new ProtocolError('section is cut off');
      const end = at + frame.readInt32LE(at);
      if (end > limit || end < at + 5) throw new ProtocolError('section is cut off');
      const nameEnd = cstringEnd(frame, at + 4, end);
      const name = frame.toString('utf8', at + 4, nameEnd);
      const documents: Buffer[] = [];
      at = nameEnd + 1;
      while (at < end) {
        const document = documentAt(frame, at, end);
        documents.push(document);
        at += document.length;
      }
      sequences ??= new Map();
      if (sequences.has(name)) throw new ProtocolError('two sections of one name');
      sequences.set(name, documents);
    } else throw new ProtocolError('unknown section');
  }
  if (!body) throw new ProtocolError('no body');
  const replyWanted = (flags & moreToCome) === 0;
  return {
    requestId,
    form: 'message',
    replyWanted,
    body,
    bytes: frame.length,
    sequences: sequences ?? noSequences,
    database: undefined,
  };
}

function parseOpQuery(frame: Buffer, requestId: number): Request {
  const nameEnd = cstringEnd(frame, 20, frame.length);
  const namespace = frame.toString('utf8', 20, nameEnd);
  if (!namespace.endsWith('.$cmd')) throw new ProtocolError('OP_QUERY is for commands only');
  const body = documentAt(frame, nameEnd + 9, frame.length);
  const database = namespace.slice(0, -5);
  return { requestId, form: 'query', replyWanted: true, body, bytes: frame.length, sequences: noSequences, database };
}

let lastId = 0;

const messageHead = 21; // header, flags, kind of section
const replyHead = 36; // header, flags, cursor id, from, count

/** Room in front of the first section of a request. */
export const requestHead = 20;

/** Fills in the head of a request whose sections were written behind it, and gives the whole message. */
export function finishRequest(writer: BsonWriter): Buffer {
  const { buf, pos } = writer;
  lastId = (lastId + 1) & 0x7fff_ffff;
  buf.writeInt32LE(pos, 0);
  buf.writeInt32LE(lastId, 4);
  buf.writeInt32LE(0, 8);
  buf.writeInt32LE(opMsg, 12);
  buf.writeUInt32LE(0, 16);
  return buf.subarray(0, pos);
}

/** A writer with room in front for the header that `finishReply` fills in. */
export function beginReply(request: Request, size = 512): BsonWriter {
  return new BsonWriter(request.form === 'message' ? messageHead : replyHead, size).begin();
}

/** Closes the document and gives the whole message. */
export function finishReply(request: Request, writer: BsonWriter): Buffer {
  writer.close();
  const { buf, pos } = writer;
  lastId = (lastId + 1) & 0x7fff_ffff;
  buf.writeInt32LE(pos, 0);
  buf.writeInt32LE(lastId, 4);
  buf.writeInt32LE(request.requestId, 8);
  if (request.form === 'message') {
    buf.writeInt32LE(opMsg, 12);
    buf.writeUInt32LE(0, 16);
    buf[20] = 0;
  } else {
    buf.writeInt32LE(opReply, 12);
    buf.writeUInt32LE(8, 16); // AwaitCapable, as every server says
    buf.writeBigInt64LE(0n, 20);
    buf.writeInt32LE(0, 28);
    buf.writeInt32LE(1, 32);
  }
  return buf.subarray(0, pos);
}
