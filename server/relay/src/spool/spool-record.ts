/**
 * What the spool keeps of a message besides its octets, and how a file of it is written: the octets as they go out, then the
 * record as JSON, then 16 octets of tail: a mark, the length of the record, the CRC of all octets and record. A file that ends otherwise was
 * never acknowledged: its sender still has the message.
 */
import { crc32 } from 'node:zlib';
import type { Client, Envelope, Recipient } from '../queue/message.js';
import type { Route } from '../routing/route.js';

/** Where it came in. */
export type Entrance = 'edge' | 'internal' | 'outbox' | 'notice';

export interface SpoolRecord {
  readonly v: 1;
  readonly id: string;
  readonly entrance: Entrance;
  readonly client: Client;
  readonly envelope: Envelope;
  readonly recipients: readonly (Recipient & { readonly route: Route })[];
  /** Header fields for people of the laboratory alone (verdict, authentication results), each with its CRLF. */
  readonly inward: string;
  /** What a person looks for it by. */
  readonly about: About;
  readonly sizeBytes: number;
  /** Wall clock, when the message was whole. */
  readonly receivedMs: number;
  /** From the first octet to the last, and in stages: for the trace. */
  readonly tookMs: Readonly<Record<string, number>>;
  /** 0 before 1 before 2. */
  readonly priority: 0 | 1 | 2;
  /** A stage wants an operator to look: nothing is delivered before. */
  readonly held?: string;
}

export interface About {
  readonly messageId?: string;
  readonly subject?: string;
  /** Author, as written. */
  readonly from?: string;
  /** Of earlier hops, from the Received fields, oldest first: wall clock. */
  readonly hopsMs?: readonly number[];
}

const mark = 0x564d5231; // VMR1
export const tailBytes = 16;

/** Record and tail, to be written behind the octets whose running CRC is `crc`. */
export function encodeRecord(record: SpoolRecord, crc: number): Buffer {
  const json = Buffer.from(JSON.stringify(record), 'utf8');
  const tail = Buffer.alloc(tailBytes);
  tail.writeUInt32BE(json.length, 0);
  tail.writeUInt32BE(crc32(json, crc), 4);
  tail.writeUInt32BE(record.sizeBytes, 8);
  tail.writeUInt32BE(mark, 12);
  return Buffer.concat([json, tail]);
}

export interface Tail {
  readonly recordBytes: number;
  readonly crc: number;
  readonly sizeBytes: number;
}

/** undefined: not the end of a whole file. */
export function decodeTail(tail: Buffer, fileBytes: number): Tail | undefined {
  if (tail.length !== tailBytes || tail.readUInt32BE(12) !== mark) return undefined;
  const recordBytes = tail.readUInt32BE(0);
  const sizeBytes = tail.readUInt32BE(8);
  if (recordBytes + sizeBytes + tailBytes !== fileBytes) return undefined;
  return { recordBytes, crc: tail.readUInt32BE(4), sizeBytes };
}
