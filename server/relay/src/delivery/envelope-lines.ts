/**
 * MAIL and RCPT as this host takes them: with the parameters that it offers and no other, or the refusal when the message needs what
 * it does not offer. A refusal is for good: to send the message in spite of it would break it or betray it.
 */
import { encodeXtext } from '@vaguemestre/server/codec/smtp/xtext';
import type { Recipient } from '../queue/message.js';
import { canonicalDomain, isAscii, splitAddress } from '../routing/domain.js';
import type { HostSession } from './session.js';
import type { TransactionMessage } from './transaction.js';

export interface Refused {
  /** One line, in the form of a reply. */
  readonly refused: string;
}

export interface EnvelopeLines {
  readonly mail: string;
  readonly rcpt: readonly (string | Refused)[];
}

export function envelopeLines(session: HostSession, message: TransactionMessage): EnvelopeLines | Refused {
  const { extensions } = session;
  const { envelope, body } = message;
  if (extensions.size?.maxBytes !== undefined && body.sizeBytes > extensions.size.maxBytes) {
    // RFC 1870 6.3: what is known to be refused is not sent.
    return {
      refused: `552 5.3.4 The message has ${body.sizeBytes} octets, the host takes ${extensions.size.maxBytes} at most`,
    };
  }
  // RFC 6152 3: either re-encoded or returned. Re-encoding would break every signature, for hosts of the last century.
  if (envelope.eightBit && !extensions.eightBit) {
    return { refused: '554 5.6.3 The message has 8-bit text, and the host takes none (no 8BITMIME)' };
  }
  const utf8 = envelope.smtpUtf8 && extensions.smtpUtf8;
  // RFC 6531 3.5: a message with a header beyond ASCII cannot go on without the extension.
  if (envelope.smtpUtf8 && !utf8) {
    return { refused: '554 5.6.9 The message has a header in UTF-8, and the host takes none (no SMTPUTF8)' };
  }
  // RFC 8689 4.2.1: the next host must promise to keep it so.
  if (envelope.requireTls && !extensions.requireTls) {
    return {
      refused: '550 5.7.30 The sender requires TLS all the way, and the host does not promise it (no REQUIRETLS)',
    };
  }
  const from = writtenAddress(envelope.from, utf8);
  if (from === undefined)
    return { refused: '550 5.6.7 The host takes no address of a sender beyond ASCII (no SMTPUTF8)' };
  let mail = `MAIL FROM:<${from}>`;
  if (extensions.size !== undefined) mail += ` SIZE=${body.sizeBytes}`;
  if (envelope.eightBit) mail += ' BODY=8BITMIME';
  if (utf8) mail += ' SMTPUTF8';
  if (envelope.requireTls) mail += ' REQUIRETLS';
  if (extensions.dsn) {
    if (envelope.ret !== undefined) mail += ` RET=${envelope.ret.toUpperCase()}`;
    if (envelope.envid !== undefined) mail += ` ENVID=${encodeXtext(envelope.envid)}`;
  }
  return { mail: `${mail}\r\n`, rcpt: message.recipients.map((recipient) => rcptLine(recipient, session, utf8)) };
}

function rcptLine(recipient: Recipient, { extensions }: HostSession, utf8: boolean): string | Refused {
  const address = writtenAddress(recipient.address, utf8);
  if (address === undefined) {
    return {
      refused: '553 5.6.7 The host takes no address beyond ASCII (no SMTPUTF8), and this one has no other form',
    };
  }
  let line = `RCPT TO:<${address}>`;
  if (extensions.dsn) {
    if (recipient.notify !== undefined) line += ` NOTIFY=${recipient.notify.join(',').toUpperCase()}`;
    if (recipient.orcpt !== undefined) line += ` ORCPT=${orcpt(recipient.orcpt)}`;
  }
  return `${line}\r\n`;
}

/** RFC 3461 4.2: the type stays, the address becomes xtext. */
function orcpt(text: string): string {
  const semicolon = text.indexOf(';');
  return `${text.slice(0, semicolon)};${encodeXtext(text.slice(semicolon + 1))}`;
}

/** RFC 6531 3.2: without the extension a domain goes as A-labels; a local part has no other form. */
function writtenAddress(address: string, utf8: boolean): string | undefined {
  // No path has these; one that had would be a command of its own.
  for (const control of ['\r', '\n', '\0']) if (address.includes(control)) return undefined;
  if (isAscii(address) || utf8) return address;
  const { localPart, domain } = splitAddress(address);
  const plain = canonicalDomain(domain);
  return isAscii(localPart) && plain !== undefined ? `${localPart}@${plain}` : undefined;
}
