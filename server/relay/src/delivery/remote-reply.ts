/**
 * Replies of other hosts (RFC 5321 4.2), which may be anything: bounded in lines, octets and time, and made into text that is
 * safe to log and to put into a notice. What is no reply ends the conversation (`HostTrouble`); it is never guessed at.
 */

import { MailError } from '@vaguemestre/server/kernel/errors';
import type { Connection } from '@vaguemestre/server/net/connection';

export interface RemoteReply {
  readonly code: number;
  /** Without code and hyphen. */
  readonly lines: readonly string[];
}

/** The conversation with a host came to an end that is not its answer to us: closed, silent, or no SMTP. */
export class HostTrouble extends Error {
  override readonly name = 'HostTrouble';
  /** RFC 3463: 4.4.2 bad connection, 4.5.0 other protocol status. */
  readonly enhanced: '4.4.1' | '4.4.2' | '4.5.0' | '4.7.5';

  constructor(enhanced: HostTrouble['enhanced'], text: string, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    this.enhanced = enhanced;
  }
}

/** RFC 5321 4.5.3.1.5 says 512; some hosts write more. */
const maxReplyLineBytes = 4_096;
/** An endless reply would fill memory, one line at a time. EHLO of large hosts has twenty. */
const maxReplyLines = 200;
/** What a notice and the log show of a reply. */
const maxShownCharacters = 1_000;

/** The next reply, whole within `timeoutMs`. */
export async function readReply(connection: Connection, timeoutMs: number): Promise<RemoteReply> {
  connection.setReadTimeout(timeoutMs);
  const lines: string[] = [];
  let code = 0;
  for (;;) {
    const line = await readReplyLine(connection, timeoutMs);
    const thisCode = codeOf(line);
    const separator = line[3];
    // RFC 5321 4.2.1: the same code on every line, a hyphen on all but the last; a lone code is a last line too.
    const fits = thisCode !== 0 && (lines.length === 0 || thisCode === code);
    if (!fits || (separator !== undefined && separator !== 0x20 && separator !== 0x2d)) {
      throw new HostTrouble('4.5.0', `the host sent what is no reply: ${shown(line)}`);
    }
    code = thisCode;
    lines.push(shown(line.subarray(4)));
    if (separator !== 0x2d) return { code, lines };
    if (lines.length >= maxReplyLines) throw new HostTrouble('4.5.0', 'the host sent a reply without end');
  }
}

async function readReplyLine(connection: Connection, timeoutMs: number): Promise<Buffer> {
  try {
    const line = await connection.readLine(maxReplyLineBytes);
    if (line.kind === 'line') return line.bytes;
    if (line.kind === 'tooLong') throw new HostTrouble('4.5.0', 'the host sent a line without end');
    throw new HostTrouble('4.4.2', 'the host closed the connection');
  } catch (error) {
    throw asTrouble(error, timeoutMs);
  }
}

/** What went wrong with a connection, in our words; what is no matter of the connection stays what it is. */
export function asTrouble(error: unknown, timeoutMs?: number): unknown {
  if (!(error instanceof MailError) || error.code !== 'closed') return error;
  if (error.details?.['timeout'] === true) {
    const after = timeoutMs === undefined ? '' : ` for ${Math.round(timeoutMs / 1000)} s`;
    return new HostTrouble('4.4.2', `the host said nothing${after}`, error);
  }
  return new HostTrouble('4.4.2', 'the connection was lost', error);
}

/** One line, as notices want it (RFC 3464 2.3.6): the code once, an enhanced code that is said again on each line once. */
export function replyText({ code, lines }: RemoteReply): string {
  const first = lines[0] ?? '';
  const enhanced = enhancedOf(first);
  let text = `${code}${first === '' ? '' : ` ${first}`}`;
  for (const line of lines.slice(1)) {
    if (text.length >= maxShownCharacters) break;
    text += ` ${enhanced !== '' && line.startsWith(`${enhanced} `) ? line.slice(enhanced.length + 1) : line}`;
  }
  return text.slice(0, maxShownCharacters);
}

/** `4.4.2` as a reply of our own: what a host did not say, in the same form. */
export function ownReply(enhanced: string, text: string): string {
  // RFC 7505 4: null MX has a code of its own.
  const code = enhanced === '5.1.10' ? 556 : enhanced.startsWith('5') ? 550 : 450;
  return `${code} ${enhanced} ${text}`;
}

/** The enhanced code at the head of a text, or nothing. */
function enhancedOf(text: string): string {
  const word = text.slice(0, text.indexOf(' ') < 0 ? text.length : text.indexOf(' '));
  return /^[245]\.\d{1,3}\.\d{1,3}$/.test(word) ? word : '';
}

/** RFC 5321 4.2: 2 to 5, then two digits. 0 for anything else. */
function codeOf(line: Buffer): number {
  if (line.length < 3) return 0;
  let code = 0;
  for (let i = 0; i < 3; i++) {
    const digit = line[i]! - 0x30;
    if (digit < 0 || digit > 9) return 0;
    code = code * 10 + digit;
  }
  return code >= 200 && code < 600 ? code : 0;
}

/** Text for people: UTF-8 if it is (RFC 6531 3.7.4), no control characters. */
function shown(octets: Buffer): string {
  let text = '';
  for (const character of octets.subarray(0, maxShownCharacters).toString('utf8')) {
    const code = character.codePointAt(0)!;
    text += code < 0x20 || (code >= 0x7f && code < 0xa0) ? '?' : character;
  }
  return text.trimEnd();
}
