/**
 * The header of a message and so many lines of its body, as TOP gives them (RFC 1939 7), out of octets that come in pieces. Says
 * when nothing more is needed, so that no more is read. `field`, with its CRLF, is put at the end of the header.
 */
import type { WriteOctets } from './dot-stuffing.js';

const LF = 10;
const CR = 13;
const cr = Buffer.from('\r');

export class MessageTop {
  #linesLeft: number;
  readonly #field: Buffer | undefined;
  #inHeader = true;
  /** Octets of the line under way that lie in pieces before. */
  #lineBytes = 0;
  /** A CR at the beginning of a line of the header and the end of a piece: held back, as the field may have to go before it. */
  #heldCr = false;

  constructor(lines: number, field?: string) {
    this.#linesLeft = lines;
    this.#field = field === undefined ? undefined : Buffer.from(field, 'latin1');
  }

  /** False: that was all that was asked for. */
  push(piece: Uint8Array, write: WriteOctets): boolean {
    const octets = this.#heldCr ? Buffer.concat([cr, piece]) : piece;
    this.#heldCr = false;
    let start = 0;
    let written = 0;
    const writeTo = (to: number): void => {
      if (to > written) write(octets.subarray(written, to));
      written = to;
    };
    for (let lf = octets.indexOf(LF); lf >= 0; lf = octets.indexOf(LF, start)) {
      const empty = this.#lineBytes === 0 && (lf === start || (lf === start + 1 && octets[start] === CR));
      this.#lineBytes = 0;
      if (this.#inHeader && empty) {
        this.#inHeader = false;
        if (this.#field !== undefined) {
          writeTo(start);
          write(this.#field);
        }
      } else if (!this.#inHeader) this.#linesLeft -= 1;
      start = lf + 1;
      if (!this.#inHeader && this.#linesLeft === 0) {
        writeTo(start);
        return false;
      }
    }
    const rest = octets.length - start;
    this.#heldCr = this.#inHeader && this.#lineBytes === 0 && rest === 1 && octets[start] === CR;
    if (!this.#heldCr) this.#lineBytes += rest;
    writeTo(this.#heldCr ? start : octets.length);
    return true;
  }

  /** The message is over: what was held back goes out. */
  end(write: WriteOctets): void {
    if (this.#heldCr) write(cr);
  }
}
