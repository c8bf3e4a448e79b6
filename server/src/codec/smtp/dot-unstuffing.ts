/**
 * The body of DATA (RFC 5321 4.5.2): takes the dots away that the client put in, and finds the end. Only CRLF.CRLF ends the
 * message. Where a client wrote that sequence with a bare LF in place of a CRLF, it is content here and the message is marked
 * `smuggled`: two hosts that do not agree on where a message ends let a sender smuggle a second one in between.
 *
 * Works on the octets as they come, however they are cut; copies nothing; linear.
 */

const LF = 10;
const CR = 13;
const DOT = 46;

type Place =
  | 'body'
  /** Behind CRLF, or at the very beginning. */
  | 'lineStart'
  /** CRLF and a dot, which is held back. */
  | 'dot'
  /** CRLF, dot, CR: both held back. */
  | 'dotCr'
  /** The same behind a bare LF, where nothing is held back: it is content. */
  | 'bareStart'
  | 'bareDot'
  | 'bareDotCr';

export class DotUnstuffing {
  #place: Place = 'lineStart';
  /** The last octet of the chunk before was a CR. */
  #lastCr = false;
  /** An end of data was written with a bare LF. */
  smuggled = false;

  /**
   * Takes the next octets and appends what is content to `out`, as parts of `chunk`. Returns the index behind the end of the
   * message, or -1 if it has not ended in this chunk.
   */
  push(chunk: Buffer, out: Buffer[]): number {
    let place = this.#place;
    /** Content up to here was handed out, or is no content. */
    let from = 0;
    let at = 0;
    if (place === 'dotCr' && chunk.length > 0 && chunk[0] !== LF) out.push(carriageReturn);
    while (at < chunk.length) {
      const octet = chunk[at]!;
      switch (place) {
        case 'body': {
          const lf = chunk.indexOf(lfDot, at);
          if (lf < 0) {
            at = chunk.length;
            break;
          }
          const afterCr = lf > 0 ? chunk[lf - 1] === CR : this.#lastCr;
          place = afterCr ? 'lineStart' : 'bareStart';
          at = lf + 1;
          break;
        }
        case 'lineStart':
          if (octet === DOT) {
            if (at > from) out.push(chunk.subarray(from, at));
            from = at + 1;
            place = 'dot';
            at++;
          } else place = 'body';
          break;
        case 'dot':
          if (octet === CR) {
            place = 'dotCr';
            at++;
          } else if (octet === LF) {
            this.smuggled = true;
            place = 'bareStart';
            at++;
          } else place = 'body';
          break;
        case 'dotCr':
          if (octet === LF) return at + 1;
          place = 'body';
          break;
        case 'bareStart':
          place = octet === DOT ? 'bareDot' : 'body';
          if (octet === DOT) at++;
          break;
        case 'bareDot':
          if (octet === LF) {
            this.smuggled = true;
            place = 'bareStart';
            at++;
          } else if (octet === CR) {
            place = 'bareDotCr';
            at++;
          } else place = 'body';
          break;
        case 'bareDotCr':
          if (octet === LF) {
            this.smuggled = true;
            place = 'lineStart';
            at++;
          } else place = 'body';
          break;
      }
    }
    if (chunk.length > 0) {
      const last = chunk[chunk.length - 1]!;
      if (place === 'body' && last === LF) {
        const afterCr = chunk.length > 1 ? chunk[chunk.length - 2] === CR : this.#lastCr;
        place = afterCr ? 'lineStart' : 'bareStart';
      }
      this.#lastCr = last === CR;
      const end = place === 'dotCr' ? chunk.length - 1 : chunk.length;
      if (end > from) out.push(chunk.subarray(from, end));
    }
    this.#place = place;
    return -1;
  }
}

const lfDot = Buffer.from('\n.');
const carriageReturn = Buffer.from('\r');
