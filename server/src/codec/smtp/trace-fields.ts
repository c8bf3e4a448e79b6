/**
 * Trace fields that a delivery puts before a message: Return-Path and Received (RFC 5321 4.4), Delivered-To. What the client
 * said of itself (HELO, names, addresses) is written so that it cannot end the field or open a new one.
 */

export interface ReceivedClauses {
  /** What it called itself. */
  readonly helo: string;
  /** Its name by DNS, if known. */
  readonly hostName?: string;
  /** IP address; undefined for a Unix socket. */
  readonly address?: string;
  readonly by: string;
  /** RFC 3848, RFC 6531: ESMTPSA, LMTP, UTF8LMTPS ... */
  readonly withProtocol: string;
  readonly id: string;
  /** The one recipient. */
  readonly for?: string;
  /** RFC 3461 ORCPT, as `type;xtext`, kept in a comment. */
  readonly originalRecipient?: string;
  readonly tls?: { readonly version: string; readonly cipher: string };
  readonly date: Date;
}

/** Folded, with its CRLF; lines under 998 octets whatever goes in. */
export function receivedField(clauses: ReceivedClauses): string {
  const { helo, hostName, address, tls } = clauses;
  const tcp = address === undefined ? '' : address.includes(':') ? `[IPv6:${word(address)}]` : `[${word(address)}]`;
  const name = hostName === undefined ? '' : `${word(hostName)} `;
  // RFC 5321 4.4: Extended-Domain = Domain FWS "(" TCP-info ")"; a Unix socket has no TCP-info.
  let field = `Received: from ${word(helo)} (${tcp === '' ? 'local' : `${name}${tcp}`})\r\n`;
  if (tls !== undefined) field += `\t(using ${word(tls.version)} with cipher ${word(tls.cipher)})\r\n`;
  field += `\tby ${word(clauses.by)} with ${clauses.withProtocol} id ${word(clauses.id)}`;
  if (clauses.for !== undefined) field += `\r\n\tfor <${word(clauses.for)}>`;
  if (clauses.originalRecipient !== undefined)
    field += `\r\n\t(original recipient ${comment(clauses.originalRecipient)})`;
  return `${field};\r\n\t${mailDate(clauses.date)}\r\n`;
}

/** `sender` empty: `<>`. */
export const returnPathField = (sender: string): string => `Return-Path: <${word(sender)}>\r\n`;
export const deliveredToField = (recipient: string): string => `Delivered-To: ${word(recipient)}\r\n`;

/** RFC 3848 and RFC 6531 4.3: the name of the protocol for `with`. */
export function withProtocol(
  protocol: 'SMTP' | 'ESMTP' | 'LMTP',
  on: { readonly tls: boolean; readonly authenticated: boolean; readonly utf8: boolean },
): string {
  if (protocol === 'SMTP') return 'SMTP';
  const base = on.utf8 ? `UTF8${protocol === 'ESMTP' ? 'SMTP' : 'LMTP'}` : protocol;
  return `${base}${on.tls ? 'S' : ''}${on.authenticated ? 'A' : ''}`;
}

/** RFC 5322 3.3, in UTC or at an offset from it. */
export function mailDate(date: Date, zoneMinutes = 0): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const local = new Date(date.getTime() + zoneMinutes * 60_000);
  const day = `${days[local.getUTCDay()]}, ${local.getUTCDate()} ${months[local.getUTCMonth()]} ${local.getUTCFullYear()}`;
  const minutes = Math.abs(zoneMinutes);
  const zone = `${zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
  return `${day} ${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())} ${zone}`;
}

/** RFC 5322 2.1.1: lines of at most 998 octets. A path may have 1,000, in a quoted local part. */
const maxWordOctets = 900;

/** No controls and no line longer than a line may be. */
function word(text: string): string {
  let clean = '';
  for (const character of text.length > maxWordOctets ? text.slice(0, maxWordOctets) : text) {
    clean += character < ' ' || character === '\x7f' ? '?' : character;
  }
  return clean;
}

/** RFC 5322 3.2.2: ctext, with the three characters that are not quoted. */
function comment(text: string): string {
  let clean = '';
  for (const character of word(text)) {
    clean += character === '(' || character === ')' || character === '\\' ? `\\${character}` : character;
  }
  return clean;
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
