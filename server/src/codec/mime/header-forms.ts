/**
 * The forms in which JMAP reads a header field (RFC 8621 4.1.2), from its raw value: everything behind the colon but the last line
 * end. Never fails: what cannot be read in a form is null.
 */
import { type AddressItem, parseAddresses } from './addresses.js';
import { decodeRaw } from './charset.js';
import { parseDate } from './dates.js';
import { decodeEncodedWords } from './encoded-words.js';
import { type BinaryString, fieldValue, toOctets } from './header-fields.js';
import { parseMessageIds } from './message-ids.js';
import { skipComment } from './parameters.js';

export interface HeaderAddress {
  readonly name: string | null;
  readonly email: string;
}

export interface HeaderAddressGroup {
  readonly name: string | null;
  readonly addresses: readonly HeaderAddress[];
}

/** Addresses of one field: a thousand times what people write. */
const maxAddresses = 10_000;

const unfolded = (raw: BinaryString): BinaryString => fieldValue(raw, 0, raw.length);

/** RFC 8621 4.1.2.1: octets that are no UTF-8 become U+FFFD; NUL is dropped. */
export function rawForm(raw: BinaryString): string {
  const text = isAscii(raw) ? raw : Buffer.from(toOctets(raw)).toString('utf8');
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
}

/** RFC 8621 4.1.2.2. */
export function textForm(raw: BinaryString): string {
  return withoutNul(decodeEncodedWords(unfolded(raw))).normalize('NFC');
}

/** RFC 8621 4.1.2.3: the members of groups among the others. */
export function addressesForm(raw: BinaryString): readonly HeaderAddress[] {
  const addresses: HeaderAddress[] = [];
  for (const item of parseAddresses(unfolded(raw), maxAddresses)) {
    if (item.kind === 'mailbox') addresses.push(addressOf(item));
  }
  return addresses;
}

/** RFC 8621 4.1.2.4: addresses outside of groups in a row are a group without a name. */
export function groupedAddressesForm(raw: BinaryString): readonly HeaderAddressGroup[] {
  const groups: { name: string | null; addresses: HeaderAddress[] }[] = [];
  let inGroup = false;
  for (const item of parseAddresses(unfolded(raw), maxAddresses)) {
    if (item.kind === 'groupStart') {
      groups.push({ name: nameOf(item.name), addresses: [] });
      inGroup = true;
    } else if (item.kind === 'groupEnd') inGroup = false;
    else {
      const last = groups.at(-1);
      if (last !== undefined && (inGroup || last.name === null)) last.addresses.push(addressOf(item));
      else groups.push({ name: null, addresses: [addressOf(item)] });
    }
  }
  return groups;
}

/** RFC 8621 4.1.2.5: without brackets; null when there is none. */
export function messageIdsForm(raw: BinaryString): readonly string[] | null {
  const ids = parseMessageIds(unfolded(raw));
  return ids.length === 0 ? null : ids.map((id) => withoutNul(decodeRaw(id)));
}

/** RFC 8621 4.1.2.6, as RFC 8620 1.4 writes dates: with the offset that stands in the field. */
export function dateForm(raw: BinaryString): string | null {
  const sent = parseDate(unfolded(raw));
  if (sent === undefined) return null;
  const { seconds, zoneMinutes } = sent;
  const local = new Date((seconds + zoneMinutes * 60) * 1000);
  const year = local.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) return null;
  const text = local.toISOString().slice(0, 19);
  if (zoneMinutes === 0) return `${text}Z`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.abs(zoneMinutes);
  return `${text}${zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** RFC 8621 4.1.2.7, RFC 2369 2: `<url>, <url>` with comments; null when there is none. */
export function urlsForm(raw: BinaryString): readonly string[] | null {
  const value = unfolded(raw);
  const urls: string[] = [];
  for (let i = 0; i < value.length; ) {
    const c = value.charCodeAt(i);
    if (c === 40) {
      i = skipComment(value, i);
    } else if (c === 60) {
      const close = value.indexOf('>', i);
      if (close < 0) break;
      // RFC 2369 2: white space inside of the brackets means nothing.
      const url = withoutBlanks(value.slice(i + 1, close));
      if (url !== '') urls.push(withoutNul(decodeRaw(url)));
      i = close + 1;
    } else i += 1;
  }
  return urls.length === 0 ? null : urls;
}

function addressOf(item: Extract<AddressItem, { kind: 'mailbox' }>): HeaderAddress {
  const email = item.domain === '' ? item.local : `${item.local}@${item.domain}`;
  return { name: nameOf(item.name), email: withoutNul(decodeRaw(email)) };
}

function nameOf(name: BinaryString | undefined): string | null {
  if (name === undefined) return null;
  const text = withoutNul(decodeEncodedWords(name)).normalize('NFC').trim();
  return text === '' ? null : text;
}

function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
}

function withoutBlanks(text: BinaryString): BinaryString {
  return text.includes(' ') || text.includes('\t') ? text.split(' ').join('').split('\t').join('') : text;
}

function isAscii(text: BinaryString): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
