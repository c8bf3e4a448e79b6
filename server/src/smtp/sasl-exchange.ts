/**
 * The exchange behind the AUTH command (RFC 4954), and what PLAIN (RFC 4616) and LOGIN (a draft that old clients know) say in it.
 * SCRAM (RFC 5802) is led by the policy, which asks through it.
 */

import { type PlainCredentials, parsePlain } from '../codec/sasl/plain.js';
import { decodeBase64 } from '../codec/smtp/command.js';
import { reply } from '../codec/smtp/reply.js';
import { MailError } from '../kernel/errors.js';
import { maxSmtpLineBytes } from '../kernel/limits.js';
import type { Connection } from '../net/connection.js';
import { SmtpRefusal } from './error-replies.js';

/** Sends a challenge and gives the answer. SmtpRefusal for what is none; MailError closed when the client is gone. */
export type Ask = (challenge: Uint8Array) => Promise<Uint8Array>;

/** `initial` is the initial response, which answers the first challenge before it is sent. */
export function askingOver(connection: Connection, initial: Buffer | undefined): Ask {
  let waiting = initial;
  return async (challenge) => {
    const given = waiting;
    waiting = undefined;
    return given ?? (await ask(connection, challenge));
  };
}

export async function plainCredentials(ask: Ask): Promise<PlainCredentials> {
  return parsePlain(await ask(new Uint8Array())) ?? malformed();
}

export async function loginCredentials(ask: Ask): Promise<PlainCredentials> {
  const identity = Buffer.from(await ask(Buffer.from('Username:'))).toString('utf8');
  const password = await ask(Buffer.from('Password:'));
  if (identity === '' || identity.includes('\0') || password.length === 0) return malformed();
  return { authorize: '', identity, password };
}

async function ask(connection: Connection, challenge: Uint8Array): Promise<Buffer> {
  connection.write(`334 ${Buffer.from(challenge).toString('base64')}\r\n`);
  const line = await connection.readLine(maxSmtpLineBytes);
  if (line.kind === 'end') throw new MailError('closed', 'Connection closed');
  // RFC 4954 4: 500 with 5.5.6 for a line that is too long.
  if (line.kind === 'tooLong') throw new SmtpRefusal(reply(500, '5.5.6', 'Authentication line is too long'));
  const text = line.bytes.toString('latin1');
  if (text === '*') throw new SmtpRefusal(reply(501, '5.7.0', 'Authentication cancelled'));
  const response = decodeBase64(text);
  if (response === undefined) throw new SmtpRefusal(reply(501, '5.5.2', 'Response is not base64'));
  return response;
}

function malformed(): never {
  throw new SmtpRefusal(reply(501, '5.5.2', 'Credentials are malformed'));
}
