/** The AUTH command (RFC 4954) with PLAIN (RFC 4616) and LOGIN (a draft that old clients know). */

import { type PlainCredentials, parsePlain } from '../codec/sasl/plain.js';
import { decodeBase64 } from '../codec/smtp/command.js';
import { reply, type SmtpReply } from '../codec/smtp/reply.js';
import { maxSmtpLineBytes } from '../kernel/limits.js';
import type { Connection } from '../net/connection.js';

export type SaslOutcome =
  | { readonly kind: 'credentials'; readonly credentials: PlainCredentials }
  | { readonly kind: 'refused'; readonly reply: SmtpReply }
  | { readonly kind: 'end' };

/** Asks for what is missing; `initial` is the initial response, if there was one. */
export async function exchangeSasl(
  connection: Connection,
  mechanism: 'PLAIN' | 'LOGIN',
  initial: Buffer | undefined,
): Promise<SaslOutcome> {
  const response = initial ?? (await ask(connection, mechanism === 'PLAIN' ? '' : usernameChallenge));
  if ('kind' in response) return response;
  if (mechanism === 'PLAIN') {
    const credentials = parsePlain(response);
    return credentials === undefined ? malformed : { kind: 'credentials', credentials };
  }
  const password = await ask(connection, passwordChallenge);
  if ('kind' in password) return password;
  const identity = response.toString('utf8');
  if (identity === '' || identity.includes('\0') || password.length === 0) return malformed;
  return { kind: 'credentials', credentials: { authorize: '', identity, password } };
}

async function ask(connection: Connection, challenge: string): Promise<Buffer | SaslOutcome> {
  connection.write(`334 ${challenge}\r\n`);
  const line = await connection.readLine(maxSmtpLineBytes);
  if (line.kind === 'end') return { kind: 'end' };
  // RFC 4954 4: 500 with 5.5.6 for a line that is too long.
  if (line.kind === 'tooLong') return refused(reply(500, '5.5.6', 'Authentication line is too long'));
  const text = line.bytes.toString('latin1');
  if (text === '*') return refused(reply(501, '5.7.0', 'Authentication cancelled'));
  const response = decodeBase64(text);
  return response ?? refused(reply(501, '5.5.2', 'Response is not base64'));
}

const refused = (answer: SmtpReply): SaslOutcome => ({ kind: 'refused', reply: answer });
const malformed = refused(reply(501, '5.5.2', 'Credentials are malformed'));
const usernameChallenge = Buffer.from('Username:').toString('base64');
const passwordChallenge = Buffer.from('Password:').toString('base64');
