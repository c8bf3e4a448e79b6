/**
 * From lines and literals to commands. The session reads lines and gives them here; it is told what to read next. Small
 * literals are collected under limits, messages of APPEND are announced to be streamed, so memory is bounded by
 * `maxCommandBytes` whatever a client sends. Nothing here throws on input: a command that cannot be read ends as `refused`,
 * after the octets that its client sends without waiting were read past (RFC 7888 4), so that they are never taken for
 * commands.
 */
import type { AppendMessage, AppendStart } from './append.js';

/** The text of a command: line i, then literal i, and so on; one line more than literals. Lines keep their `{n}`. */
export interface CommandText {
  readonly lines: readonly Buffer[];
  readonly literals: readonly Buffer[];
}

export type FramingStep =
  /** An empty line before a command (iOS sends one): read the next. */
  | { readonly kind: 'blank' }
  /** Send a continuation if `synchronizing`, read `size` octets, give them to `literal`, then the next line to `line`. */
  | { readonly kind: 'literal'; readonly size: number; readonly synchronizing: boolean }
  /** A whole command, for `parseCommand`. */
  | { readonly kind: 'command'; readonly text: CommandText }
  /**
   * APPEND up to its first message. Either `refuse`, or send a continuation if the literal is synchronizing, stream its octets
   * and give the next line to `line`: that says appendNext, appendEnd or refused.
   */
  | { readonly kind: 'append'; readonly start: AppendStart }
  /** MULTIAPPEND: one message more in the same command. */
  | { readonly kind: 'appendNext'; readonly message: AppendMessage }
  /** The command is complete: commit and answer. */
  | { readonly kind: 'appendEnd' }
  /** Read `size` octets to nowhere, then give the next line to `line`. */
  | { readonly kind: 'discard'; readonly size: number }
  /** The command is over: answer with the error. */
  | { readonly kind: 'refused'; readonly error: Error };

export interface FramingOptions {
  /** Mailbox names are UTF-8 (ENABLE IMAP4rev2 or UTF8=ACCEPT), not modified UTF-7. */
  readonly utf8: boolean;
  readonly maxCommandBytes: number;
  readonly maxLiteralBytes: number;
}

export interface CommandAssembler {
  /** A line without its CRLF. */
  line(line: Buffer, options: FramingOptions): FramingStep;
  literal(octets: Buffer): void;
  /** Instead of reading the literal that `append` or `appendNext` announced. */
  refuse(error: Error): FramingStep;
  /** After the octets of an APPEND message were read: the rest of the command is read past, then `refused` gives `error` back. */
  fail(error: Error): void;
  /** Between commands. */
  readonly idle: boolean;
}
