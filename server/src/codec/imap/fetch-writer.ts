/**
 * Writes FETCH responses (RFC 9051 7.5.2) into an octet writer: `begin`, items, `end`. The numbers go straight to octets;
 * what a message's card holds (ENVELOPE, BODYSTRUCTURE) comes as octets and is copied. For a body the item's name and the
 * literal's announcement are written, the octets follow on the connection, uncopied, then the next item or `end`.
 */
import { formatDateTime } from './date-time.js';
import { type OctetWriter, writeDigits } from './octet-writer.js';

export interface FetchWriter {
  /** `* 12 FETCH (`. */
  begin(sequence: number): void;
  /** Goes on with a response that has items already, after others may have used the writer. */
  resume(): void;
  uid(uid: number): void;
  /** As a FlagFormatter gives them. */
  flags(octets: Uint8Array): void;
  size(octets: number): void;
  /** Seconds since 1970. */
  internalDate(seconds: number): void;
  /** RFC 7162 7: `MODSEQ (12)`. */
  modseq(modseq: number): void;
  /** RFC 8474 4: `EMAILID (id)`. */
  objectId(name: 'EMAILID' | 'THREADID', id: string): void;
  /** A name and a value that is ready to go out: ENVELOPE, BODYSTRUCTURE, a quoted string. */
  raw(name: string, value: Uint8Array): void;
  nil(name: string): void;
  /** A name and `{size}` CRLF; `binary` for `~{size}`. The caller sees that exactly `size` octets follow. */
  literal(name: string, size: number, binary?: boolean): void;
  /** BINARY.SIZE[...] and such. */
  numberItem(name: string, value: number): void;
  /** `)` CRLF. */
  end(): void;
  /**
   * A whole response of what a client asks for all messages at once: `* 12 FETCH (UID 34 FLAGS (...))`. The same as the steps
   * above, at twice their speed: it is written without a look at the buffer's end for each piece.
   */
  flagRow(sequence: number, uid: number, flags: Uint8Array): void;
}

const star = Buffer.from('* ');
const fetch = Buffer.from(' FETCH (');
const uidName = Buffer.from('UID ');
const flagsName = Buffer.from('FLAGS ');
const sizeName = Buffer.from('RFC822.SIZE ');
const dateName = Buffer.from('INTERNALDATE ');
const modseqName = Buffer.from('MODSEQ (');
const close = Buffer.from(')\r\n');
const space = 0x20;
const rowFetch = Buffer.from(' FETCH (UID ');
const rowFlags = Buffer.from(' FLAGS ');
/** Enough for everything of a row but the flags. */
const rowBytes = 64;

const secondsPerDay = 86_400;
const zone = Buffer.from(' +0000"');
/** Octets of `"17-Jul-1996 `, behind which the time begins. */
const timeAt = 13;
/** Enough for `INTERNALDATE "17-Jul-1996 02:44:25 +0000"`. */
const dateBytes = 64;

export function createFetchWriter(out: OctetWriter): FetchWriter {
  let first = true;
  let lastDay = -1;
  let lastDate: Uint8Array = zone;

  function separate(): void {
    if (first) first = false;
    else out.octet(space);
  }

  function named(name: string): void {
    separate();
    out.ascii(name);
    out.octet(space);
  }

  return {
    begin(sequence) {
      out.bytes(star);
      out.number(sequence);
      out.bytes(fetch);
      first = true;
    },
    resume() {
      first = false;
    },
    uid(uid) {
      separate();
      out.bytes(uidName);
      out.number(uid);
    },
    flags(octets) {
      separate();
      out.bytes(flagsName);
      out.bytes(octets);
    },
    size(octets) {
      separate();
      out.bytes(sizeName);
      out.number(octets);
    },
    internalDate(seconds) {
      separate();
      const day = Math.floor(seconds / secondsPerDay);
      if (day !== lastDay) {
        // Neighbours in a mailbox mostly came on one day.
        lastDay = day;
        lastDate = Buffer.from(formatDateTime(seconds).slice(0, timeAt), 'latin1');
      }
      const time = seconds - day * secondsPerDay;
      out.reserve(dateBytes);
      const { buffer } = out;
      let at = out.position;
      for (let i = 0; i < dateName.length; i++) buffer[at++] = dateName[i]!;
      for (let i = 0; i < timeAt; i++) buffer[at++] = lastDate[i]!;
      at = writeDigits(buffer, at, (time / 3600) | 0, 2);
      buffer[at++] = 0x3a;
      at = writeDigits(buffer, at, ((time / 60) | 0) % 60, 2);
      buffer[at++] = 0x3a;
      at = writeDigits(buffer, at, time % 60, 2);
      for (let i = 0; i < zone.length; i++) buffer[at++] = zone[i]!;
      out.advance(at);
    },
    modseq(modseq) {
      separate();
      out.bytes(modseqName);
      out.number(modseq);
      out.octet(0x29);
    },
    objectId(name, id) {
      named(name);
      out.ascii(`(${id})`);
    },
    raw(name, value) {
      named(name);
      out.bytes(value);
    },
    nil(name) {
      named(name);
      out.ascii('NIL');
    },
    literal(name, size, binary = false) {
      named(name);
      out.ascii(binary ? '~{' : '{');
      out.number(size);
      out.ascii('}\r\n');
    },
    numberItem(name, value) {
      named(name);
      out.number(value);
    },
    end() {
      out.bytes(close);
    },
    flagRow(sequence, uid, flags) {
      out.reserve(rowBytes + flags.length);
      const { buffer } = out;
      let at = out.position;
      buffer[at] = 0x2a;
      buffer[at + 1] = space;
      at = writeDigits(buffer, at + 2, sequence, 1);
      for (let i = 0; i < rowFetch.length; i++) buffer[at++] = rowFetch[i]!;
      at = writeDigits(buffer, at, uid, 1);
      for (let i = 0; i < rowFlags.length; i++) buffer[at++] = rowFlags[i]!;
      for (let i = 0; i < flags.length; i++) buffer[at++] = flags[i]!;
      buffer[at] = 0x29;
      buffer[at + 1] = 0x0d;
      buffer[at + 2] = 0x0a;
      out.advance(at + 3);
    },
  };
}
