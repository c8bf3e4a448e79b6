/**
 * Commands of SMTP and LMTP: RFC 5321 4.1.1, RFC 2033 4, RFC 3030 (BDAT), RFC 3207, RFC 4954, and Postfix's XCLIENT. What is
 * wrong with a line is said by the reply that comes in place of the command. Whether a command is allowed at the moment, and
 * in this protocol, is the session's to say.
 */

import {
  decimal,
  type MailParameters,
  parseMailParameters,
  parseRcptParameters,
  type RcptParameters,
  splitParameters,
} from './parameters.js';
import { isAddressLiteral, isDomain, type MailPath, parsePath } from './path.js';
import { reply, type SmtpReply } from './reply.js';
import { decodeXtext } from './xtext.js';

export type SmtpCommand =
  | { readonly kind: 'helo' | 'ehlo' | 'lhlo'; readonly domain: string }
  | { readonly kind: 'mail'; readonly path: MailPath; readonly parameters: MailParameters }
  | { readonly kind: 'rcpt'; readonly path: MailPath; readonly parameters: RcptParameters }
  | { readonly kind: 'data' | 'rset' }
  | { readonly kind: 'noop' | 'quit' | 'help' | 'vrfy' | 'expn' | 'starttls' }
  | { readonly kind: 'bdat'; readonly sizeBytes: number; readonly last: boolean }
  /** `initial` undefined: none was sent; an empty buffer: `=`. */
  | { readonly kind: 'auth'; readonly mechanism: string; readonly initial: Buffer | undefined }
  | { readonly kind: 'xclient'; readonly attributes: ReadonlyMap<string, string> }
  /** The reply says what is wrong. `unknown`: not even the verb. */
  | { readonly kind: 'bad'; readonly reply: SmtpReply; readonly unknown?: true; readonly verb: string };

/** `unqualified`: addresses may lack their domain. */
export function parseSmtpCommand(line: Buffer, unqualified = false): SmtpCommand {
  for (const octet of line) {
    // RFC 5321 2.3.8, 4.1.2: no controls in commands; a bare CR might be a line end to somebody else.
    if (octet < 0x20 || octet === 0x7f) return bad('', reply(500, '5.5.2', 'Control characters in a command'));
  }
  const text = decodeUtf8(line);
  if (text === undefined) return bad('', reply(500, '5.5.2', 'Command is not UTF-8'));
  const space = text.indexOf(' ');
  const verb = (space < 0 ? text : text.slice(0, space)).toUpperCase();
  const rest = space < 0 ? '' : text.slice(space + 1).trim();
  switch (verb) {
    case 'HELO':
    case 'EHLO':
    case 'LHLO':
      if (!isDomain(rest) && !isAddressLiteral(rest)) return bad(verb, syntax(`${verb} takes your host name`));
      return { kind: verb === 'HELO' ? 'helo' : verb === 'EHLO' ? 'ehlo' : 'lhlo', domain: rest };
    case 'MAIL':
      return mail(rest, unqualified);
    case 'RCPT':
      return rcpt(rest, unqualified);
    case 'DATA':
    case 'RSET':
      if (rest !== '') return bad(verb, syntax(`${verb} takes no argument`));
      return { kind: verb === 'DATA' ? 'data' : 'rset' };
    case 'QUIT':
    case 'STARTTLS':
      if (rest !== '') return bad(verb, syntax(`${verb} takes no argument`));
      return { kind: verb === 'QUIT' ? 'quit' : 'starttls' };
    case 'NOOP':
      return { kind: 'noop' };
    case 'HELP':
      return { kind: 'help' };
    case 'VRFY':
      return rest === '' ? bad(verb, syntax('VRFY takes a name')) : { kind: 'vrfy' };
    case 'EXPN':
      return rest === '' ? bad(verb, syntax('EXPN takes a name')) : { kind: 'expn' };
    case 'BDAT':
      return bdat(rest);
    case 'AUTH':
      return auth(rest);
    case 'XCLIENT':
      return xclient(rest);
    default:
      return { ...bad(verb, reply(500, '5.5.2', 'Command is not known')), unknown: true };
  }
}

function mail(rest: string, unqualified: boolean): SmtpCommand {
  const found = pathBehind(rest, 'FROM:', unqualified);
  if (found === undefined) return bad('MAIL', syntax('Say MAIL FROM:<address>'));
  if (!unqualified && found.path.domain === '' && found.path.localPart !== '') return bad('MAIL', badAddress);
  const parameters = parseMailParameters(found.parameters);
  if ('code' in parameters) return bad('MAIL', parameters);
  // RFC 6531 3.4: such an address needs SMTPUTF8.
  if (found.path.utf8 && !parameters.smtpUtf8) return bad('MAIL', needsSmtpUtf8(550));
  return { kind: 'mail', path: found.path, parameters };
}

function rcpt(rest: string, unqualified: boolean): SmtpCommand {
  const found = pathBehind(rest, 'TO:', unqualified);
  if (found === undefined) return bad('RCPT', syntax('Say RCPT TO:<address>'));
  if (found.path.address === '') return bad('RCPT', badAddress);
  const parameters = parseRcptParameters(found.parameters);
  if ('code' in parameters) return bad('RCPT', parameters);
  return { kind: 'rcpt', path: found.path, parameters };
}

/** RFC 6531 3.5: X.6.7, 550 for the sender and 553 for a recipient. */
export const needsSmtpUtf8 = (code: 550 | 553): SmtpReply =>
  reply(code, '5.6.7', 'Address beyond ASCII needs the SMTPUTF8 parameter');

function pathBehind(
  rest: string,
  keyword: string,
  unqualified: boolean,
): { readonly path: MailPath; readonly parameters: string } | undefined {
  if (rest.slice(0, keyword.length).toUpperCase() !== keyword) return undefined;
  let at = keyword.length;
  // Not in the grammar (RFC 5321 3.3), and written by many.
  while (rest[at] === ' ') at++;
  const found = parsePath(rest, at, unqualified);
  if (found === undefined || (found.end < rest.length && rest[found.end] !== ' ')) return undefined;
  return { path: found.path, parameters: rest.slice(found.end) };
}

/** RFC 3030 2: size in decimal, then LAST. */
function bdat(rest: string): SmtpCommand {
  const words = rest.split(' ').filter((word) => word !== '');
  const sizeBytes = words[0] === undefined || words[0].length > 15 ? undefined : decimal(words[0]);
  const last = words[1]?.toUpperCase() === 'LAST';
  if (sizeBytes === undefined || words.length > 2 || (words.length === 2 && !last)) {
    return bad('BDAT', syntax('Say BDAT size [LAST]'));
  }
  return { kind: 'bdat', sizeBytes, last };
}

/** RFC 4954 4. */
function auth(rest: string): SmtpCommand {
  const words = rest.split(' ').filter((word) => word !== '');
  const mechanism = words[0]?.toUpperCase();
  if (mechanism === undefined || words.length > 2) return bad('AUTH', syntax('Say AUTH mechanism [initial-response]'));
  if (words[1] === undefined) return { kind: 'auth', mechanism, initial: undefined };
  const initial = words[1] === '=' ? Buffer.alloc(0) : decodeBase64(words[1]);
  if (initial === undefined) return bad('AUTH', reply(501, '5.5.2', 'Initial response is not base64'));
  return { kind: 'auth', mechanism, initial };
}

/** `name=value` with values in xtext (Postfix XCLIENT_README). */
function xclient(rest: string): SmtpCommand {
  const split = splitParameters(rest.replaceAll('_', '-'));
  if ('code' in split) return bad('XCLIENT', split);
  const attributes = new Map<string, string>();
  for (const [name] of split) attributes.set(name, '');
  for (const word of rest.split(' ')) {
    const equals = word.indexOf('=');
    if (word === '') continue;
    const value = equals < 0 ? undefined : decodeXtext(word.slice(equals + 1));
    if (value === undefined) return bad('XCLIENT', syntax('XCLIENT takes name=value in xtext'));
    attributes.set(word.slice(0, equals).toUpperCase().replaceAll('_', '-'), value);
  }
  if (attributes.size === 0) return bad('XCLIENT', syntax('XCLIENT takes name=value'));
  return { kind: 'xclient', attributes };
}

/** Strict (RFC 4648 3.3): no other characters, whole groups; undefined if it is not that. */
export function decodeBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0) return undefined;
  let data = text.length;
  if (data > 0 && text[data - 1] === '=') data--;
  if (data > 0 && text[data - 1] === '=') data--;
  for (let i = 0; i < data; i++) {
    const code = text.charCodeAt(i);
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a && code < 0x80;
    if (!letter && !(code >= 0x30 && code <= 0x39) && code !== 0x2b && code !== 0x2f) return undefined;
  }
  return Buffer.from(text, 'base64');
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(line: Buffer): string | undefined {
  for (const octet of line) {
    if (octet < 0x80) continue;
    try {
      return decoder.decode(line);
    } catch {
      return undefined;
    }
  }
  return line.toString('latin1');
}

const bad = (verb: string, answer: SmtpReply): SmtpCommand & { readonly kind: 'bad' } => ({
  kind: 'bad',
  verb,
  reply: answer,
});
const syntax = (text: string): SmtpReply => reply(501, '5.5.4', text);
const badAddress = reply(501, '5.1.7', 'Address is malformed');
