import { parseDateTime } from './date-time.js';
import { parseFlagList } from './flag.js';
import { type LiteralHead, literalAtEnd } from './literal.js';
import { parseMailboxName } from './mailbox-name.js';
import type { CommandReader } from './reader.js';

/**
 * One message of an APPEND up to the literal that holds it (RFC 9051 6.3.12; MULTIAPPEND RFC 3502; UTF8 (~{n} ...) RFC 6855 4;
 * literal8 RFC 3516). The octets are not here: the session streams them.
 */
export interface AppendMessage {
  readonly flags: readonly string[];
  /** INTERNALDATE, seconds since 1970. */
  readonly date: number | undefined;
  /** Written as `UTF8 (~{n}`: the header may hold UTF-8. */
  readonly utf8: boolean;
  readonly literal: LiteralHead;
}

export interface AppendStart {
  readonly tag: string;
  readonly mailbox: string;
  readonly message: AppendMessage;
}

/** After `APPEND`: SP mailbox SP first message. */
export function parseAppendStart(reader: CommandReader, tag: string, utf8: boolean): AppendStart {
  reader.expectSpace();
  const mailbox = parseMailboxName(reader.expectAstring('a mailbox name'), utf8);
  reader.expectSpace();
  return { tag, mailbox, message: parseAppendMessage(reader) };
}

/** [flag-list SP] [date-time SP] literal, literal8 or "UTF8" SP "(" literal8; the reader stops before the literal. */
export function parseAppendMessage(reader: CommandReader): AppendMessage {
  let flags: readonly string[] = [];
  if (reader.peek() === 0x28) {
    flags = parseFlagList(reader);
    reader.expectSpace();
  }
  let date: number | undefined;
  if (reader.peek() === 0x22) {
    date =
      parseDateTime(reader.quoted()!.toString('latin1')) ?? reader.fail('a date like "17-Jul-1996 02:44:25 -0700"');
    reader.expectSpace();
  }
  const utf8 = reader.peekKeyword() === 'UTF8';
  if (utf8) {
    reader.keyword();
    reader.expectSpace();
    reader.expectOctet(0x28);
  }
  const literal = literalAtEnd(reader.line);
  if (literal === undefined || literal.start !== reader.position) return reader.fail('the literal of a message');
  // RFC 6855 4: utf8-literal is a literal8.
  if (utf8 && !literal.binary) return reader.fail('a literal8 (~{n}) after UTF8');
  return { flags, date, utf8, literal };
}
