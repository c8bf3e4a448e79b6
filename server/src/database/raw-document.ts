/**
 * Reads single fields out of a BSON document without decoding the rest: a list of thousands of messages, or a megabyte of
 * content, costs no object per field and no copy. Binary values come back as subarrays of the reply they arrived in.
 *
 * Only the types that our own collections use at the top level are skipped over; another type throws, because guessing its
 * length would read garbage.
 */
export interface RawField {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

export class RawDocument {
  readonly #bytes: Buffer;
  readonly #fields = new Map<string, RawField>();

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 4;
    const end = this.#bytes.readInt32LE(0) - 1;
    while (at < end) {
      const type = this.#bytes[at]!;
      const nameEnd = this.#bytes.indexOf(0, at + 1);
      const name = this.#bytes.toString('latin1', at + 1, nameEnd);
      const start = nameEnd + 1;
      at = start + this.#lengthOf(type, start);
      this.#fields.set(name, { type, start, end: at });
    }
  }

  /** Octets of a Binary, undefined when the field is missing. */
  binary(name: string): Buffer | undefined {
    const field = this.#fields.get(name);
    if (field === undefined) return undefined;
    if (field.type !== 0x05) throw new TypeError(`field ${name} is not binary`);
    return this.#bytes.subarray(field.start + 5, field.end);
  }

  string(name: string): string | undefined {
    const field = this.#fields.get(name);
    if (field === undefined) return undefined;
    if (field.type !== 0x02) throw new TypeError(`field ${name} is not a string`);
    return this.#bytes.toString('utf8', field.start + 4, field.end - 1);
  }

  /** int32, int64 or double. */
  number(name: string): number | undefined {
    const field = this.#fields.get(name);
    if (field === undefined) return undefined;
    if (field.type === 0x10) return this.#bytes.readInt32LE(field.start);
    if (field.type === 0x01) return this.#bytes.readDoubleLE(field.start);
    if (field.type === 0x12) return Number(this.#bytes.readBigInt64LE(field.start));
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
