/**
 * BSON written front to back into one buffer that grows: lengths are filled in when a document is closed. Replies are
 * built with it behind room for the message header, so that a reply is one buffer from first byte to last.
 */
import { bsonType, type Value } from './element.js';

const indexNames: string[] = Array.from({ length: 1024 }, (_, i) => String(i));

/** The name of position `i` in a BSON array. */
export function indexName(i: number): string {
  return indexNames[i] ?? String(i);
}

export class BsonWriter {
  buf: Buffer;
  pos: number;
  readonly #open: number[] = [];

  constructor(reserve = 0, size = 512) {
    this.buf = Buffer.allocUnsafe(Math.max(size, reserve + 64));
    this.pos = reserve;
  }

  #room(bytes: number): void {
    const needed = this.pos + bytes;
    if (needed <= this.buf.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.buf.length * 2));
    this.buf.copy(larger, 0, 0, this.pos);
    this.buf = larger;
  }

  #name(type: number, name: string): void {
    this.#room(name.length * 3 + 24);
    this.buf[this.pos++] = type;
    // Names of replies are short and ASCII: a loop is faster than a call into the encoder.
    const { buf } = this;
    let { pos } = this;
    for (let i = 0; i < name.length; i++) {
      const code = name.charCodeAt(i);
      if (code > 0x7f) {
        pos += buf.write(name.slice(i), pos);
        break;
      }
      buf[pos++] = code;
    }
    buf[pos++] = 0;
    this.pos = pos;
  }

  /** Opens a document that is not a field: the outermost. */
  begin(): this {
    this.#room(8);
    this.#open.push(this.pos);
    this.pos += 4;
    return this;
  }

  openDocument(name: string): this {
    this.#name(bsonType.object, name);
    return this.begin();
  }

  openArray(name: string): this {
    this.#name(bsonType.array, name);
    return this.begin();
  }

  close(): this {
    const start = this.#open.pop();
    if (start === undefined) throw new Error('no document is open');
    this.#room(1);
    this.buf[this.pos++] = 0;
    this.buf.writeInt32LE(this.pos - start, start);
    return this;
  }

  /** Undoes everything written since `pos` was `mark`, documents opened since then among it. */
  rewind(mark: number): void {
    while (this.#open.length > 0 && this.#open.at(-1)! >= mark) this.#open.pop();
    this.pos = mark;
  }

  int32(name: string, number: number): this {
    this.#name(bsonType.int32, name);
    this.pos = this.buf.writeInt32LE(number, this.pos);
    return this;
  }

  int64(name: string, number: bigint): this {
    this.#name(bsonType.int64, name);
    this.pos = this.buf.writeBigInt64LE(number, this.pos);
    return this;
  }

  double(name: string, number: number): this {
    this.#name(bsonType.double, name);
    this.pos = this.buf.writeDoubleLE(number, this.pos);
    return this;
  }

  /** int32 where it fits, else int64: counts. */
  count(name: string, number: number): this {
    return number <= 0x7fffffff ? this.int32(name, number) : this.int64(name, BigInt(number));
  }

  bool(name: string, truth: boolean): this {
    this.#name(bsonType.bool, name);
    this.buf[this.pos++] = truth ? 1 : 0;
    return this;
  }

  null(name: string): this {
    this.#name(bsonType.null, name);
    return this;
  }

  string(name: string, text: string): this {
    this.#name(bsonType.string, name);
    this.#room(text.length * 3 + 8);
    const length = this.buf.write(text, this.pos + 4);
    this.buf.writeInt32LE(length + 1, this.pos);
    this.pos += 4 + length;
    this.buf[this.pos++] = 0;
    return this;
  }

  date(name: string, milliseconds: number): this {
    this.#name(bsonType.date, name);
    this.pos = this.buf.writeBigInt64LE(BigInt(Math.trunc(milliseconds)), this.pos);
    return this;
  }

  timestamp(name: string, value: bigint): this {
    this.#name(bsonType.timestamp, name);
    this.pos = this.buf.writeBigUInt64LE(value, this.pos);
    return this;
  }

  objectId(name: string, bytes: Uint8Array): this {
    this.#name(bsonType.objectId, name);
    this.buf.set(bytes, this.pos);
    this.pos += 12;
    return this;
  }

  binary(name: string, bytes: Uint8Array, subtype = 0): this {
    this.#name(bsonType.binary, name);
    this.#room(bytes.length + 5);
    this.pos = this.buf.writeInt32LE(bytes.length, this.pos);
    this.buf[this.pos++] = subtype;
    this.buf.set(bytes, this.pos);
    this.pos += bytes.length;
    return this;
  }

  /** A field with the bytes of a whole document. */
  document(name: string, bytes: Uint8Array): this {
    this.#name(bsonType.object, name);
    return this.raw(bytes, 0, bytes.length);
  }

  /** An item of an array of documents: the one at the start of `bytes`, behind which there may be more. */
  item(position: number, bytes: Buffer, length: number): this {
    this.#name(bsonType.object, indexName(position));
    this.#room(length);
    // Copying a whole buffer needs no view of a part of it.
    if (bytes.length === length) this.buf.set(bytes, this.pos);
    else bytes.copy(this.buf, this.pos, 0, length);
    this.pos += length;
    return this;
  }

  value(name: string, value: Value): this {
    this.#name(value.type, name);
    return this.raw(value.buf, value.at, value.end);
  }

  /** Bytes as they are: values behind their name, or elements taken over whole. */
  raw(bytes: Uint8Array, at: number, end: number): this {
    this.#room(end - at + 1);
    if (Buffer.isBuffer(bytes)) bytes.copy(this.buf, this.pos, at, end);
    else this.buf.set(bytes.subarray(at, end), this.pos);
    this.pos += end - at;
    return this;
  }

  /** What was written, from `from` on; valid as long as nothing more is written. */
  bytes(from = 0): Buffer {
    return this.buf.subarray(from, this.pos);
  }
}

/** A document of its own, in a buffer of its own size. */
export function buildDocument(build: (writer: BsonWriter) => void): Buffer {
  const writer = new BsonWriter(0, 256);
  writer.begin();
  build(writer);
  writer.close();
  return Buffer.from(writer.bytes());
}
