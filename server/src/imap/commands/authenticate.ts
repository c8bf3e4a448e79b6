import type { AuthenticateCommand } from '../../codec/imap/command.js';
import { ImapSyntaxError } from '../../codec/imap/syntax-error.js';
import { parsePlain } from '../../codec/sasl/plain.js';
import { MailError } from '../../kernel/errors.js';
import { maxLineBytesBeforeLogin } from '../../kernel/limits.js';
import { no, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';
import { logIn, requireLoginAllowed } from './login.js';

/** AUTHENTICATE PLAIN (RFC 9051 6.2.2, RFC 4616), with or without initial response (RFC 4959). */
export async function authenticate(session: Session, command: AuthenticateCommand): Promise<Outcome> {
  requireLoginAllowed(session);
  if (command.mechanism !== 'PLAIN') return no('This mechanism is not supported');
  const response = command.initialResponse ?? (await challenge(session));
  const plain = parsePlain(response);
  if (plain === undefined) throw new ImapSyntaxError('Malformed PLAIN response');
  return logIn(session, {
    identity: plain.identity,
    password: plain.password,
    ...(plain.authorize === '' ? {} : { authorize: plain.authorize }),
    name: 'AUTHENTICATE',
  });
}

/** An empty challenge and its answer: base64 in one line, or `*` to give up (RFC 9051 6.2.2). */
async function challenge({ connection }: Session): Promise<Uint8Array> {
  connection.write('+ \r\n');
  const line = await connection.readLine(maxLineBytesBeforeLogin);
  switch (line.kind) {
    case 'end':
      throw new MailError('closed', 'Connection closed');
    case 'tooLong':
      throw new ImapSyntaxError('Response too long');
    case 'line': {
      const text = line.bytes.toString('latin1');
      if (text === '*') throw new ImapSyntaxError('Authentication cancelled');
      if (!isBase64(text)) throw new ImapSyntaxError('Response is not base64');
      return Buffer.from(text, 'base64');
    }
    default:
      return line satisfies never;
  }
}

/** RFC 4648 4 without line breaks; Buffer.from would skip what is not base64. */
function isBase64(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  for (let i = 0; i < text.length - padding; i++) {
    const code = text.charCodeAt(i);
    const letter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
    if (!letter && !(code >= 0x30 && code <= 0x39) && code !== 0x2b && code !== 0x2f) return false;
  }
  return true;
}
