/** AUTHENTICATE and LOGIN (RFC 9051 6.2.2, 6.2.3; SASL-IR RFC 4959). */
import { decodeBase64 } from '../sasl/base64.js';
import type { AuthenticateCommand, LoginCommand } from './command.js';
import type { CommandReader } from './reader.js';

/** SP auth-type [SP initial-resp]. */
export function parseAuthenticate(reader: CommandReader): AuthenticateCommand {
  reader.expectSpace();
  const mechanism = reader.expectKeyword('the name of a mechanism');
  let initialResponse: Uint8Array | undefined;
  if (reader.space() && reader.peek() !== -1) {
    initialResponse = decodeBase64(reader.rest()) ?? reader.fail('base64');
  }
  return { kind: 'authenticate', mechanism, initialResponse };
}

/** SP userid SP password. The password is octets: it is never a string here. */
export function parseLogin(reader: CommandReader): LoginCommand {
  reader.expectSpace();
  const user = reader.expectText('a user name');
  reader.expectSpace();
  return { kind: 'login', user, password: reader.expectAstring('a password') };
}
