/**
 * What the codec throws on input that it cannot take, and nothing else: the command loop answers `<tag> <status> [<code>]
 * <text>`, with `*` in place of an unreadable tag (RFC 9051 7.1.3: an untagged BAD is a protocol-level error for which no
 * command is known).
 */
export interface ImapSyntaxErrorOptions {
  /** NO for what is well formed and still impossible to mean anything: a name that is no mailbox name, an unknown charset. */
  readonly status?: 'BAD' | 'NO';
  /** Response code without brackets, as it goes out: `BADCHARSET (UTF-8)`, `CANNOT`, `CLIENTBUG`. */
  readonly code?: string;
  readonly tag?: string | undefined;
  /** The command's name is not one this codec knows: a stranger that speaks another protocol, before login. */
  readonly unknownCommand?: boolean;
}

export class ImapSyntaxError extends Error {
  override readonly name = 'ImapSyntaxError';
  /** undefined when the line has no readable tag. */
  tag: string | undefined;
  readonly status: 'BAD' | 'NO';
  readonly code: string | undefined;
  /** ASCII without CR or LF; says what was expected. */
  readonly text: string;
  readonly unknownCommand: boolean;

  constructor(text: string, options: ImapSyntaxErrorOptions = {}) {
    super(text);
    this.text = text;
    this.tag = options.tag;
    this.status = options.status ?? 'BAD';
    this.code = options.code;
    this.unknownCommand = options.unknownCommand ?? false;
  }
}
