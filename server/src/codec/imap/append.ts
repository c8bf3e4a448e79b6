import type { LiteralHead } from './literal.js';

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
