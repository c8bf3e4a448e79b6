/**
 * Parameters of MAIL and RCPT: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), AUTH (RFC 4954), RET, ENVID, NOTIFY and
 * ORCPT (RFC 3461), HOLDFOR and HOLDUNTIL (RFC 4865), REQUIRETLS (RFC 8689). One that is unknown, doubled or malformed makes the command fail: a sender that asked for something must
 * not believe that it was understood.
 */
import { reply, type SmtpReply } from './reply.js';
import { decodeXtext } from './xtext.js';

export interface MailParameters {
  /** What the client says the message is long; undefined if it does not. */
  readonly sizeBytes: number | undefined;
  readonly body: '7bit' | '8bitmime';
  readonly smtpUtf8: boolean;
  readonly ret: 'full' | 'hdrs' | undefined;
  /** Decoded (RFC 3461 4.4), as Latin-1 characters. */
  readonly envid: string | undefined;
  /** When it shall go; undefined: now. */
  readonly hold?: Hold;
  /** RFC 8689: it travels over verified TLS or not at all. */
  readonly requireTls?: true;
}

/** RFC 4865 4.1 and 4.2. */
export type Hold = { readonly seconds: number } | { readonly untilMs: number };

export interface RcptParameters {
  readonly notify: readonly ('never' | 'success' | 'failure' | 'delay')[] | undefined;
  readonly orcpt: OriginalRecipient | undefined;
}

/** RFC 3461 4.2. */
export interface OriginalRecipient {
  /** `rfc822`, `utf-8`. */
  readonly type: string;
  /** Decoded from xtext, as Latin-1 characters. */
  readonly address: string;
}

/** Lists `text` begins with: `name`, `name=value`, one space between. Undefined value: there was no `=`. */
export function splitParameters(text: string): readonly (readonly [string, string | undefined])[] | SmtpReply {
  const found: [string, string | undefined][] = [];
  const seen = new Set<string>();
  for (const word of text.split(' ')) {
    if (word === '') continue;
    const equals = word.indexOf('=');
    const name = (equals < 0 ? word : word.slice(0, equals)).toUpperCase();
    if (!isEsmtpKeyword(name)) return syntaxError(`Parameter "${printable(name)}" is malformed`);
    if (seen.has(name)) return syntaxError(`Parameter ${name} is given twice`);
    seen.add(name);
    found.push([name, equals < 0 ? undefined : word.slice(equals + 1)]);
  }
  return found;
}

export function parseMailParameters(text: string): MailParameters | SmtpReply {
  const split = splitParameters(text);
  if ('code' in split) return split;
  let sizeBytes: number | undefined;
  let body: MailParameters['body'] = '7bit';
  let smtpUtf8 = false;
  let ret: MailParameters['ret'];
  let envid: string | undefined;
  let hold: Hold | undefined;
  let requireTls = false;
  for (const [name, value] of split) {
    switch (name) {
      case 'SIZE':
        // RFC 1870 4: up to 20 digits.
        sizeBytes = value === undefined || value.length > 20 ? undefined : decimal(value);
        if (sizeBytes === undefined) return syntaxError('SIZE takes a number');
        break;
      case 'BODY': {
        const kind = value?.toUpperCase();
        if (kind !== '7BIT' && kind !== '8BITMIME') return syntaxError('BODY is 7BIT or 8BITMIME');
        body = kind === '7BIT' ? '7bit' : '8bitmime';
        break;
      }
      case 'SMTPUTF8':
        if (value !== undefined) return syntaxError('SMTPUTF8 takes no value');
        smtpUtf8 = true;
        break;
      case 'REQUIRETLS':
        if (value !== undefined) return syntaxError('REQUIRETLS takes no value');
        requireTls = true;
        break;
      case 'AUTH':
        // RFC 4954 5: who the message is from by the word of a trusted client. Checked and not used.
        if (value === undefined || decodeXtext(value) === undefined) return syntaxError('AUTH takes <> or an address');
        break;
      case 'RET':
        ret = value?.toUpperCase() === 'FULL' ? 'full' : value?.toUpperCase() === 'HDRS' ? 'hdrs' : undefined;
        if (ret === undefined) return syntaxError('RET is FULL or HDRS');
        break;
      case 'ENVID':
        // RFC 3461 4.4: at most 100 characters.
        envid = value === undefined || value === '' || value.length > 100 ? undefined : decodeXtext(value);
        if (envid === undefined) return syntaxError('ENVID takes up to 100 characters of xtext');
        break;
      case 'HOLDFOR':
      case 'HOLDUNTIL':
        // RFC 4865 4: one or the other.
        if (hold !== undefined) return syntaxError('HOLDFOR and HOLDUNTIL exclude each other');
        hold = value === undefined ? undefined : parseHold(name, value);
        if (hold === undefined)
          return syntaxError('HOLDFOR takes seconds, HOLDUNTIL a date such as 2026-12-24T18:00:00Z');
        break;
      default:
        return unknownParameter(name);
    }
  }
  return { sizeBytes, body, smtpUtf8, ret, envid, ...(hold && { hold }), ...(requireTls && { requireTls }) };
}

export function parseRcptParameters(text: string): RcptParameters | SmtpReply {
  const split = splitParameters(text);
  if ('code' in split) return split;
  let notify: RcptParameters['notify'];
  let orcpt: OriginalRecipient | undefined;
  for (const [name, value] of split) {
    switch (name) {
      case 'NOTIFY':
        notify = value === undefined ? undefined : parseNotify(value);
        if (notify === undefined) return syntaxError('NOTIFY is NEVER or a list of SUCCESS, FAILURE, DELAY');
        break;
      case 'ORCPT':
        orcpt = value === undefined ? undefined : parseOrcpt(value);
        if (orcpt === undefined) return syntaxError('ORCPT takes type;address, the address in xtext');
        break;
      default:
        return unknownParameter(name);
    }
  }
  return { notify, orcpt };
}

function parseHold(name: 'HOLDFOR' | 'HOLDUNTIL', value: string): Hold | undefined {
  if (name === 'HOLDFOR') {
    // RFC 4865 4.1: 1 to 9 digits.
    const seconds = value.length > 9 ? undefined : decimal(value);
    return seconds === undefined ? undefined : { seconds };
  }
  // RFC 3339 5.6, whose dates Date.parse reads; a zone is a part of them.
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i.test(value)) return undefined;
  const untilMs = Date.parse(value);
  return Number.isNaN(untilMs) ? undefined : { untilMs };
}

/** RFC 3461 4.1: NEVER stands alone. */
function parseNotify(value: string): RcptParameters['notify'] {
  const words = value.toLowerCase().split(',');
  if (words.length === 1 && words[0] === 'never') return ['never'];
  const kinds: ('success' | 'failure' | 'delay')[] = [];
  for (const word of words) {
    if (word !== 'success' && word !== 'failure' && word !== 'delay') return undefined;
    if (!kinds.includes(word)) kinds.push(word);
  }
  return kinds;
}

function parseOrcpt(value: string): OriginalRecipient | undefined {
  // RFC 3461 4.2: at most 500 characters.
  const semicolon = value.indexOf(';');
  if (semicolon < 1 || value.length > 500) return undefined;
  const type = value.slice(0, semicolon).toLowerCase();
  const address = decodeXtext(value.slice(semicolon + 1));
  if (!isEsmtpKeyword(type) || address === undefined || address === '') return undefined;
  return { type, address };
}

/** RFC 5321 4.1.2 esmtp-keyword; an atom of RFC 3461 is at least this. */
function isEsmtpKeyword(text: string): boolean {
  if (text.length === 0) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) | 0x20;
    const alphanumeric = (code >= 0x61 && code <= 0x7a) || (text.charCodeAt(i) >= 0x30 && text.charCodeAt(i) <= 0x39);
    if (!alphanumeric && !(text[i] === '-' && i > 0)) return false;
  }
  return true;
}

export function decimal(text: string): number | undefined {
  if (text.length === 0) return undefined;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x30 || text.charCodeAt(i) > 0x39) return undefined;
  return Number(text);
}

function printable(text: string): string {
  let result = '';
  for (const character of text.slice(0, 40)) result += character >= ' ' && character <= '~' ? character : '?';
  return result;
}

const syntaxError = (text: string): SmtpReply => reply(501, '5.5.4', text);
/** RFC 5321 4.1.1.11: 555 for parameters not recognised. */
export const unknownParameter = (name: string): SmtpReply => reply(555, '5.5.4', `Parameter ${name} is not known here`);
