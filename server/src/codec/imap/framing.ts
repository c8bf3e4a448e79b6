/**
 * From lines and literals to commands. The session reads lines and gives them here; it is told what to read next. Small
 * literals are collected under limits, messages of APPEND are announced to be streamed, so memory is bounded by
 * `maxCommandBytes` whatever a client sends. Nothing here throws on input: a command that cannot be read ends as `refused`,
 * after the octets that its client sends without waiting were read past (RFC 7888 4), so that they are never taken for
 * commands.
 */
import { type AppendMessage, type AppendStart, parseAppendMessage, parseAppendStart } from './append.js';
import { type LiteralHead, literalAtEnd } from './literal.js';
import { tagOf } from './parse.js';
import { CommandReader } from './reader.js';
import { ImapSyntaxError } from './syntax-error.js';

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

type State =
  | { readonly kind: 'idle' }
  /** Lines and literals of a command that is not complete; the last literal may still be missing. */
  | { readonly kind: 'collecting'; readonly lines: Buffer[]; readonly literals: Buffer[]; bytes: number }
  /** The literal of an APPEND message was announced; `rest` is what ends it: nothing, or `)` after UTF8 (. */
  | { readonly kind: 'appending'; readonly tag: string; readonly message: AppendMessage }
  /** The command is refused; what its client sends without waiting is read past. */
  | { readonly kind: 'discarding'; readonly error: Error };

const idleState: State = { kind: 'idle' };

export function createCommandAssembler(): CommandAssembler {
  let state: State = idleState;

  /** Refuses at a point where the client may go on with `literal` or is at the end of a line. */
  function refuse(error: Error, literal: LiteralHead | undefined): FramingStep {
    if (literal !== undefined && !literal.synchronizing) {
      state = { kind: 'discarding', error };
      return { kind: 'discard', size: literal.size };
    }
    state = idleState;
    return { kind: 'refused', error };
  }

  /** Runs a step of the parser; its error refuses the command. */
  function attempt(tag: string | undefined, literal: LiteralHead | undefined, step: () => FramingStep): FramingStep {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof ImapSyntaxError)) throw error;
      error.tag = tag;
      return refuse(error, literal);
    }
  }

  function collect(line: Buffer, options: FramingOptions): FramingStep {
    const literal = literalAtEnd(line);
    if (state.kind === 'idle') {
      if (line.length === 0) return { kind: 'blank' };
      if (literal === undefined) return { kind: 'command', text: { lines: [line], literals: [] } };
      state = { kind: 'collecting', lines: [], literals: [], bytes: 0 };
    }
    if (state.kind !== 'collecting') throw new Error('not collecting');
    const { lines, literals } = state;
    lines.push(line);
    state.bytes += line.length + (literal?.size ?? 0);
    const tag = tagOf(lines[0]!);
    const append = appendReader({ lines, literals }, literal);
    if (append !== undefined) {
      return attempt(tag, literal, () => {
        const start = parseAppendStart(append, tag!, options.utf8);
        state = { kind: 'appending', tag: tag!, message: start.message };
        return { kind: 'append', start };
      });
    }
    if (literal === undefined) {
      if (state.bytes > options.maxCommandBytes) return refuse(tooLong(tag, options.maxCommandBytes), undefined);
      state = idleState;
      return { kind: 'command', text: { lines, literals } };
    }
    if (literal.size > options.maxLiteralBytes) {
      const text = `A literal here has at most ${options.maxLiteralBytes} octets`;
      return refuse(new ImapSyntaxError(text, { tag, code: 'TOOBIG' }), literal);
    }
    if (state.bytes > options.maxCommandBytes) return refuse(tooLong(tag, options.maxCommandBytes), literal);
    return { kind: 'literal', size: literal.size, synchronizing: literal.synchronizing };
  }

  return {
    get idle() {
      return state.kind === 'idle';
    },
    line(line, options) {
      if (state.kind === 'discarding') return refuse(state.error, literalAtEnd(line));
      if (state.kind !== 'appending') return collect(line, options);
      const { tag, message } = state;
      const literal = literalAtEnd(line);
      return attempt(tag, literal, () => {
        const reader = new CommandReader({ lines: [line], literals: [] });
        if (message.utf8) reader.expectOctet(0x29);
        if (literal === undefined) {
          reader.expectEnd();
          state = idleState;
          return { kind: 'appendEnd' };
        }
        reader.expectSpace();
        const next = parseAppendMessage(reader);
        state = { kind: 'appending', tag, message: next };
        return { kind: 'appendNext', message: next };
      });
    },
    literal(octets) {
      if (state.kind === 'collecting') state.literals.push(octets);
    },
    refuse(error) {
      return refuse(error, state.kind === 'appending' ? state.message.literal : undefined);
    },
    fail(error) {
      state = { kind: 'discarding', error };
    },
  };
}

function tooLong(tag: string | undefined, limit: number): ImapSyntaxError {
  return new ImapSyntaxError(`A command has at most ${limit} octets`, { tag, code: 'TOOBIG' });
}

/** For an APPEND whose mailbox name is complete: a reader after the command's name. A literal right after it *is* that name. */
function appendReader(text: CommandText, literal: LiteralHead | undefined): CommandReader | undefined {
  const reader = new CommandReader(text);
  if (reader.tag() === undefined || !reader.space() || reader.keyword() !== 'APPEND') return undefined;
  const afterName = reader.position + 1;
  return literal !== undefined && text.lines.length === 1 && literal.start === afterName ? undefined : reader;
}
