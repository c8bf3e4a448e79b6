/**
 * Reads commands from a connection: lines and literals go to the codec's assembler, which says what to read next. Messages of
 * APPEND are not read here but handed on octet by octet; what a client sends of a command that was refused is read past, so
 * that it is never taken for commands (RFC 7888 4). Bounded by the limits of kernel/limits.ts before and after login.
 *
 * Reads reject with MailError `closed` when the connection is gone or silent past its deadline.
 */
import type { AppendMessage, AppendStart } from '../codec/imap/append.js';
import { type CommandText, createCommandAssembler, type FramingStep } from '../codec/imap/framing.js';
import { tagOf } from '../codec/imap/parse.js';

import { ImapSyntaxError } from '../codec/imap/syntax-error.js';
import { maxCommandBytes, maxLineBytes, maxLineBytesBeforeLogin, maxSmallLiteralBytes } from '../kernel/limits.js';
import type { Connection } from '../net/connection.js';

export interface InputMode {
  readonly authenticated: boolean;
  /** Mailbox names come in UTF-8. */
  readonly utf8: boolean;
}

export type CommandInputResult =
  | { readonly kind: 'command'; readonly text: CommandText }
  | { readonly kind: 'append'; readonly start: AppendStart }
  | { readonly kind: 'refused'; readonly error: Error }
  /** The peer closed. */
  | { readonly kind: 'end' };

export type AppendInputResult =
  | { readonly kind: 'appendNext'; readonly message: AppendMessage }
  | { readonly kind: 'appendEnd' }
  | { readonly kind: 'refused'; readonly error: Error }
  | { readonly kind: 'end' };

export interface CommandInput {
  next(mode: InputMode): Promise<CommandInputResult>;
  /** Streams one APPEND message to `sink`, having told the client to go on if it waits. False if the peer closed. */
  message(message: AppendMessage, sink: (chunk: Buffer) => Promise<void> | void): Promise<boolean>;
  /** After `message`: what comes then. */
  afterMessage(mode: InputMode): Promise<AppendInputResult>;
  /** Instead of `message`: reads past what the client sends anyway. */
  refuse(message: AppendMessage, error: Error, mode: InputMode): Promise<AppendInputResult>;
  /** After `message`: the rest of the command is read past, and `afterMessage` ends with this error. */
  fail(error: Error): void;
}

const continuation = '+ Ready\r\n';

export function createCommandInput(connection: Connection): CommandInput {
  let assembler = createCommandAssembler();

  const readStep = async (mode: InputMode): Promise<FramingStep | { readonly kind: 'end' }> => {
    const limit = mode.authenticated ? maxLineBytes : maxLineBytesBeforeLogin;
    const line = await connection.readLine(limit);
    switch (line.kind) {
      case 'end':
        return line;
      case 'tooLong': {
        const tag = assembler.idle ? tagOf(line.head) : undefined;
        assembler = createCommandAssembler();
        return { kind: 'refused', error: new ImapSyntaxError(`Line longer than ${limit} octets`, { tag }) };
      }
      case 'line':
        return assembler.line(line.bytes, {
          utf8: mode.utf8,
          maxCommandBytes: mode.authenticated ? maxCommandBytes : 2 * maxLineBytesBeforeLogin,
          maxLiteralBytes: mode.authenticated ? maxSmallLiteralBytes : maxLineBytesBeforeLogin,
        });
      default:
        return line satisfies never;
    }
  };

  const skip = (size: number): Promise<boolean> => connection.readExactly(size, () => {});

  /** Goes on until there is something that the session must decide. */
  const settle = async (
    first: FramingStep | { readonly kind: 'end' },
    mode: InputMode,
  ): Promise<CommandInputResult | AppendInputResult> => {
    let step = first;
    for (;;) {
      switch (step.kind) {
        case 'blank':
          break;
        case 'literal': {
          if (step.synchronizing) connection.write(continuation);
          const chunks: Buffer[] = [];
          if (!(await connection.readExactly(step.size, (chunk) => void chunks.push(chunk)))) return { kind: 'end' };
          assembler.literal(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
          break;
        }
        case 'discard':
          if (!(await skip(step.size))) return { kind: 'end' };
          break;
        case 'command':
        case 'append':
        case 'appendNext':
        case 'appendEnd':
        case 'refused':
        case 'end':
          return step;
        default:
          return step satisfies never;
      }
      step = await readStep(mode);
    }
  };

  return {
    async next(mode) {
      const result = await settle(await readStep(mode), mode);
      if (result.kind === 'appendNext' || result.kind === 'appendEnd')
        throw new Error(`${result.kind} between commands`);
      return result;
    },
    async message(message, sink) {
      if (message.literal.synchronizing) connection.write(continuation);
      return connection.readExactly(message.literal.size, sink);
    },
    async afterMessage(mode) {
      return asAppend(await settle(await readStep(mode), mode));
    },
    async refuse(message, error, mode) {
      const step = assembler.refuse(error);
      // A client that did not wait for the continuation has sent octets already. They are part of the message, never commands.
      if (step.kind === 'refused' && message.literal.synchronizing && connection.hasBufferedInput) {
        if (!(await skip(message.literal.size))) return { kind: 'end' };
        const rest = await connection.readLine(maxLineBytes);
        if (rest.kind === 'end') return rest;
      }
      return asAppend(await settle(step, mode));
    },
    fail: (error) => assembler.fail(error),
  };
}

function asAppend(result: CommandInputResult | AppendInputResult): AppendInputResult {
  if (result.kind === 'command' || result.kind === 'append') throw new Error(`${result.kind} within APPEND`);
  return result;
}
