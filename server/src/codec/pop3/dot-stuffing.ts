/**
 * A message on its way out as a multi-line response (RFC 1939 3): a dot at the beginning of a line gets another one, and what
 * does not end in CRLF is given one, so that the final dot stands on a line of its own. Works on the octets as they come, however
 * they are cut; they are handed on in slices, never copied. A line ends in LF: stored messages have no other line ends.
 */
const LF = 10;
const CR = 13;
const DOT = 46;
const lineWithDot = Buffer.from('\n.');
const dot = Buffer.from('.');
const end = Buffer.from('.\r\n');
const lineEnd = Buffer.from('\r\n.\r\n');

export type WriteOctets = (octets: Uint8Array) => void;

export class DotStuffing {
  #atLineStart = true;
  /** The last octet of all was a CR, of the piece before. */
  #lastCr = false;
  #endsInCrlf = true;

  push(octets: Uint8Array, write: WriteOctets): void {
    const { length } = octets;
    if (length === 0) return;
    const buffer = Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, length);
    if (this.#atLineStart && buffer[0] === DOT) write(dot);
    let from = 0;
    for (let at = buffer.indexOf(lineWithDot); at >= 0; at = buffer.indexOf(lineWithDot, at + 1)) {
      write(buffer.subarray(from, at + 1));
      write(dot);
      from = at + 1;
    }
    write(from === 0 ? buffer : buffer.subarray(from));
    this.#atLineStart = buffer[length - 1] === LF;
    this.#endsInCrlf = this.#atLineStart && (length > 1 ? buffer[length - 2] === CR : this.#lastCr);
    this.#lastCr = buffer[length - 1] === CR;
  }

  end(write: WriteOctets): void {
    write(this.#endsInCrlf ? end : lineEnd);
  }
}
