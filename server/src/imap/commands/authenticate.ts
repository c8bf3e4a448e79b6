import type { AuthenticateCommand } from '../../codec/imap/command.js';
import { ImapSyntaxError } from '../../codec/imap/syntax-error.js';
import { parsePlain } from '../../codec/sasl/plain.js';
import { MailError } from '../../kernel/errors.js';
import { maxLineBytesBeforeLogin } from '../../kernel/limits.js';
import { no, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';
import { logIn, requireLoginAllowed } from './login.js';

/**
 * AUTHENTICATE (RFC 9051 6.2.2) by PLAIN (RFC 4616), SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, 7677), with or without initial
 * response (RFC 4959).
 */
export async function authenticate(session: Session, command: AuthenticateCommand): Promise<Outcome> {
  requireLoginAllowed(session);
  const { connection, services } = session;
  // RFC 4959 3: an initial response stands for the answer to the first, empty challenge.
  let initial = command.initialResponse;
  const ask = async (text: Uint8Array): Promise<Uint8Array> => {
    const given = initial;
    initial = undefined;
    return given ?? (await challenge(session, text));
  };
  const { scram } = services;
  const mechanism = scram?.mechanisms(connection).find((one) => one === command.mechanism);
  if (scram !== undefined && mechanism !== undefined) {
    return logIn(session, () => scram.login({ mechanism, connection, protocol: 'imap' }, ask));
  }
  if (command.mechanism !== 'PLAIN') return no('This mechanism is not supported');
  const plain = parsePlain(await ask(new Uint8Array()));
  if (plain === undefined) throw new ImapSyntaxError('Malformed PLAIN response');
  const { authorize, ...secret } = plain;
  const { peer, secure } = connection;
  const way = { protocol: 'imap', peer, secure, ...(authorize !== '' && { authorize }) } as const;
  return logIn(session, () => services.authenticator.login({ ...way, ...secret }));
}

/** A challenge and its answer: base64 in one line, or `*` to give up (RFC 9051 6.2.2). */
async function challenge({ connection }: Session, text: Uint8Array): Promise<Uint8Array> {
  connection.write(`+ ${Buffer.from(text).toString('base64')}\r\n`);
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
