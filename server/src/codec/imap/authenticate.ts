/** AUTHENTICATE and LOGIN (RFC 9051 6.2.2, 6.2.3; SASL-IR RFC 4959). */
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

const plus = 0x2b;
const slash = 0x2f;
const equals = 0x3d;

/**
 * One line of base64, as a client sends it in answer to a continuation; `=` alone is an empty initial response (RFC 4959 3).
 * undefined if it is not base64: Node's own decoder skips what it does not know.
 */
export function decodeBase64(octets: Buffer): Buffer | undefined {
  let length = octets.length;
  if (length === 1 && octets[0] === equals) return Buffer.alloc(0);
  if (length % 4 !== 0) return undefined;
  if (length > 0 && octets[length - 1] === equals) length--;
  if (length > 0 && octets[length - 1] === equals) length--;
  for (let i = 0; i < length; i++) {
    const octet = octets[i]!;
    const letter = octet | 0x20;
    const known =
      (letter >= 0x61 && letter <= 0x7a) || (octet >= 0x30 && octet <= 0x39) || octet === plus || octet === slash;
    if (!known) return undefined;
  }
  return Buffer.from(octets.toString('latin1'), 'base64');
}
