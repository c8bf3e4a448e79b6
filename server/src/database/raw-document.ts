/**
 * Reads single fields out of a BSON document without decoding the rest: a list of thousands of messages, or a megabyte of
 * content, costs no object per field and no copy. Binary values come back as subarrays of the reply they arrived in.
 *
 * Only the types that our own collections use at the top level are skipped over; another type throws, because guessing its
 * length would read garbage.
 */
export class RawDocument {
  readonly #bytes: Buffer;
  /** Where the value lies that `#find` found last. */
  #type = 0;
  #start = 0;
  #end = 0;

  /** Walks the document at each question: of twenty fields two or three are asked for, and an index of all costs more. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #find(name: string): boolean {
    const bytes = this.#bytes;
    const end = bytes.readInt32LE(0) - 1;
    const { length } = name;
    let at = 4;
    while (at < end) {
      const type = bytes[at]!;
      at++;
      let same = 0;
      while (same < length && bytes[at + same] === name.charCodeAt(same)) same++;
      const found = same === length && bytes[at + same] === 0;
      at += same;
      while (bytes[at] !== 0) {
        if (at >= end) throw new RangeError('a stored document is cut off');
        at++;
      }
      const start = at + 1;
      at = start + this.#lengthOf(type, start);
      if (!found) continue;
      this.#type = type;
      this.#start = start;
      this.#end = at;
      return true;
    }
    return false;
  }

  /** Octets of a Binary, undefined when the field is missing. */
  binary(name: string): Buffer | undefined {
    if (!this.#find(name)) return undefined;
    if (this.#type !== 0x05) throw new TypeError(`field ${name} is not binary`);
    return this.#bytes.subarray(this.#start + 5, this.#end);
  }

  string(name: string): string | undefined {
    if (!this.#find(name)) return undefined;
    if (this.#type !== 0x02) throw new TypeError(`field ${name} is not a string`);
    return this.#bytes.toString('utf8', this.#start + 4, this.#end - 1);
  }

  /** Octets of a document or an array. */
  document(name: string): Buffer | undefined {
    if (!this.#find(name)) return undefined;
    if (this.#type !== 0x03 && this.#type !== 0x04) throw new TypeError(`field ${name} is not a document`);
    return this.#bytes.subarray(this.#start, this.#end);
  }

  bigint(name: string): bigint | undefined {
    if (!this.#find(name)) return undefined;
    if (this.#type !== 0x12) throw new TypeError(`field ${name} is not an int64`);
    return this.#bytes.readBigInt64LE(this.#start);
  }

  /** int32, int64 or double. */
  number(name: string): number | undefined {
    if (!this.#find(name)) return undefined;
    if (this.#type === 0x10) return this.#bytes.readInt32LE(this.#start);
    if (this.#type === 0x01) return this.#bytes.readDoubleLE(this.#start);
    if (this.#type === 0x12) return Number(this.#bytes.readBigInt64LE(this.#start));
    throw new TypeError(`field ${name} is not a number`);
  }

  #lengthOf(type: number, start: number): number {
    switch (type) {
      case 0x01: // double
      case 0x09: // date
      case 0x11: // timestamp
      case 0x12: // int64
        return 8;
      case 0x02: // string
        return 4 + this.#bytes.readInt32LE(start);
      case 0x03: // document
      case 0x04: // array
        return this.#bytes.readInt32LE(start);
      case 0x05: // binary
        return 5 + this.#bytes.readInt32LE(start);
      case 0x07: // ObjectId
        return 12;
      case 0x08: // boolean
        return 1;
      case 0x0a: // null
        return 0;
      case 0x10: // int32
        return 4;
      default:
        throw new TypeError(`a stored document holds a value of BSON type ${type}`);
    }
  }
}

/** The documents of an array of nothing else. */
export function* documentsOf(array: Buffer): Generator<Buffer> {
  const end = array.readInt32LE(0) - 1;
  let at = 4;
  while (at < end) {
    if (array[at] !== 0x03) throw new TypeError('an array holds something else than documents');
    const start = array.indexOf(0, at + 1) + 1;
    at = start + array.readInt32LE(start);
    yield array.subarray(start, at);
  }
}
