/** What the codec tests share: a command written as a string, with its literals, to what the parser makes of it. */
import type { ImapCommand } from '@vaguemestre/server/codec/imap/command';
import { type CommandText, createCommandAssembler, type FramingStep } from '@vaguemestre/server/codec/imap/framing';
import { parseCommand } from '@vaguemestre/server/codec/imap/parse';
import { ImapSyntaxError } from '@vaguemestre/server/codec/imap/syntax-error';

export const framingOptions = { utf8: false, maxCommandBytes: 1 << 20, maxLiteralBytes: 1 << 16 };

/** Splits a transcript at CRLF and literals as a connection would. The text has no final CRLF. */
export function frame(input: string | Buffer, options = framingOptions): FramingStep[] {
  const assembler = createCommandAssembler();
  const octets = typeof input === 'string' ? Buffer.from(input) : input;
  const steps: FramingStep[] = [];
  let at = 0;
  while (at <= octets.length) {
    const newline = octets.indexOf('\r\n', at);
    const line = octets.subarray(at, newline < 0 ? octets.length : newline);
    at = newline < 0 ? octets.length + 1 : newline + 2;
    const step = assembler.line(line, options);
    steps.push(step);
    if (step.kind === 'literal') {
      assembler.literal(octets.subarray(at, at + step.size));
      at += step.size;
    } else if (step.kind === 'append') at += step.start.message.literal.size;
    else if (step.kind === 'appendNext') at += step.message.literal.size;
    else if (step.kind === 'discard') at += step.size;
    else if (step.kind !== 'blank') break;
  }
  return steps;
}

export function textOf(input: string | Buffer): CommandText {
  const last = frame(input).at(-1)!;
  if (last.kind === 'command') return last.text;
  if (last.kind === 'refused') throw last.error;
  throw new Error(`ends in ${last.kind}`);
}

/** The command after `A `. */
export function parse(rest: string | Buffer, utf8 = false): ImapCommand {
  const text = textOf(Buffer.concat([Buffer.from('A '), Buffer.from(rest)]));
  return parseCommand(text, { utf8 }).command;
}

/** The error that a command gives; fails if it gives none. */
export function rejection(rest: string | Buffer, utf8 = false): ImapSyntaxError {
  try {
    const command = parse(rest, utf8);
    throw new Error(`accepted as ${JSON.stringify(command)}`);
  } catch (error) {
    if (error instanceof ImapSyntaxError) return error;
    throw error;
  }
}
