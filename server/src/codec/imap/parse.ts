import type { TaggedCommand } from './command.js';
import type { CommandText } from './framing.js';

export interface ParseOptions {
  /** Mailbox names are UTF-8 (ENABLE IMAP4rev2 or UTF8=ACCEPT), not modified UTF-7. */
  readonly utf8: boolean;
}

/** Reads one command. Throws ImapSyntaxError, with the tag when it was readable. */
export type ParseCommand = (text: CommandText, options: ParseOptions) => TaggedCommand;
