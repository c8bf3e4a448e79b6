/** Header fields of a new message from the properties of an Email or an EmailBodyPart (RFC 8621 4.1.2, 4.1.3, 4.6). */
import type { HeaderForm } from '@vaguemestre/shared/jmap/email';
import {
  addressesField,
  dateField,
  groupsField,
  messageIdsField,
  rawField,
  textField,
  urlsField,
} from '../../../codec/mime/header-writer.js';
import { isObject, isStringArray } from '../values.js';
import { type HeaderProperty, parseHeaderProperty } from './header-property.js';

export interface NewField {
  readonly property: string;
  /** In lower case. */
  readonly name: string;
  /** With its CRLF; several for `:all`. */
  readonly octets: string;
}

/** undefined: the value cannot be written in that form. Of a property that is null there is no field. */
export function newFields(property: string, value: unknown): readonly NewField[] | undefined {
  const header = parseHeaderProperty(property);
  if (header === undefined) return undefined;
  if (value === null) return [];
  const values = header.all ? value : [value];
  if (!Array.isArray(values)) return undefined;
  const fields: NewField[] = [];
  for (const each of values) {
    const octets = write(header, each);
    if (octets === undefined) return undefined;
    fields.push({ property, name: header.field.toLowerCase(), octets });
  }
  return fields;
}

/** Octets of one address: RFC 5321 4.5.3.1 allows 320. */
const maxAddressLength = 500;

function write({ field, form }: HeaderProperty, value: unknown): string | undefined {
  switch (form satisfies HeaderForm) {
    case 'asRaw':
      return typeof value === 'string' ? rawField(field, value) : undefined;
    case 'asText':
      return typeof value === 'string' ? textField(field, value) : undefined;
    case 'asAddresses':
      return isAddresses(value) && value.length > 0 ? addressesField(field, value.map(normal)) : undefined;
    case 'asGroupedAddresses':
      return isGroups(value) && value.length > 0
        ? groupsField(
            field,
            value.map(({ name, addresses }) => ({ name: name ?? null, addresses: addresses.map(normal) })),
          )
        : undefined;
    case 'asMessageIds':
      return isStringArray(value) && value.length > 0 && value.every(isMessageId)
        ? messageIdsField(field, value)
        : undefined;
    case 'asDate':
      return date(field, value);
    case 'asURLs':
      return isStringArray(value) && value.length > 0 ? urlsField(field, value) : undefined;
  }
}

interface Address {
  readonly name?: string | null;
  readonly email: string;
}

const normal = ({ name, email }: Address) => ({ name: name ?? null, email });

function isAddresses(value: unknown): value is readonly Address[] {
  return Array.isArray(value) && value.every(isAddress);
}

function isAddress(value: unknown): value is Address {
  if (!isObject(value)) return false;
  const { name, email, ...rest } = value;
  if (Object.keys(rest).length > 0 || !(name === undefined || name === null || typeof name === 'string')) return false;
  return typeof email === 'string' && email !== '' && email.length <= maxAddressLength;
}

function isGroups(
  value: unknown,
): value is readonly { readonly name?: string | null; readonly addresses: readonly Address[] }[] {
  return (
    Array.isArray(value) &&
    value.every(
      (group) =>
        isObject(group) &&
        (group['name'] === undefined || group['name'] === null || typeof group['name'] === 'string') &&
        isAddresses(group['addresses']),
    )
  );
}

/** Without brackets and blanks, short enough for a line. */
function isMessageId(id: string): boolean {
  if (id === '' || id.length > 900) return false;
  for (const character of id)
    if (character <= ' ' || character === '<' || character === '>' || character === '\x7f') return false;
  return true;
}

const dateForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))$/;

/** RFC 8620 1.4, with the offset it is written with. */
function date(field: string, value: unknown): string | undefined {
  const match = typeof value === 'string' ? dateForm.exec(value) : null;
  if (match === null) return undefined;
  const ms = Date.parse(match[0]);
  const zone = (Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0)) * (match[1] === '-' ? -1 : 1);
  return Number.isNaN(ms) || Math.abs(zone) > 24 * 60 ? undefined : dateField(field, ms, zone);
}
