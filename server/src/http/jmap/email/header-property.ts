/**
 * Header fields as properties (RFC 8621 4.1.2, 4.1.3): `header:Name[:asForm][:all]`, the convenience properties of an Email, and the
 * forms each field may be read in.
 */
import type { HeaderForm, HeaderValue } from '@vaguemestre/shared/jmap/email';
import { headerForms } from '@vaguemestre/shared/jmap/email';
import {
  addressesForm,
  dateForm,
  groupedAddressesForm,
  messageIdsForm,
  rawForm,
  textForm,
  urlsForm,
} from '../../../codec/mime/header-forms.js';
import type { HeaderFields } from './header-block.js';

export interface HeaderProperty {
  /** As the client wrote it: the key of the answer. */
  readonly property: string;
  /** As the client wrote it. */
  readonly field: string;
  readonly form: HeaderForm;
  readonly all: boolean;
}

/** RFC 8621 4.1.3. */
const conveniences: Readonly<Record<string, readonly [string, HeaderForm]>> = {
  messageId: ['Message-ID', 'asMessageIds'],
  inReplyTo: ['In-Reply-To', 'asMessageIds'],
  references: ['References', 'asMessageIds'],
  sender: ['Sender', 'asAddresses'],
  from: ['From', 'asAddresses'],
  to: ['To', 'asAddresses'],
  cc: ['Cc', 'asAddresses'],
  bcc: ['Bcc', 'asAddresses'],
  replyTo: ['Reply-To', 'asAddresses'],
  subject: ['Subject', 'asText'],
  sentAt: ['Date', 'asDate'],
};

const addresses: readonly HeaderForm[] = ['asRaw', 'asAddresses', 'asGroupedAddresses'];
const ids: readonly HeaderForm[] = ['asRaw', 'asMessageIds'];
const date: readonly HeaderForm[] = ['asRaw', 'asDate'];
const urls: readonly HeaderForm[] = ['asRaw', 'asURLs'];
const text: readonly HeaderForm[] = ['asRaw', 'asText'];
const raw: readonly HeaderForm[] = ['asRaw'];

/** RFC 8621 4.1.2.2 to 4.1.2.7: a field that RFC 5322 or RFC 2369 defines has its form; any other may be read in each. */
const formsOf: ReadonlyMap<string, readonly HeaderForm[]> = new Map([
  ...['from', 'sender', 'reply-to', 'to', 'cc', 'bcc'].flatMap((name) => [
    [name, addresses] as const,
    [`resent-${name}`, addresses] as const,
  ]),
  ...['message-id', 'in-reply-to', 'references', 'resent-message-id'].map((name) => [name, ids] as const),
  ...['date', 'resent-date'].map((name) => [name, date] as const),
  ...['help', 'unsubscribe', 'subscribe', 'post', 'owner', 'archive'].map((name) => [`list-${name}`, urls] as const),
  ...['subject', 'comments', 'keywords', 'list-id'].map((name) => [name, text] as const),
  ...['return-path', 'received'].map((name) => [name, raw] as const),
]);

/** undefined: no such property, or a form in which the field must not be read. */
export function parseHeaderProperty(property: string): HeaderProperty | undefined {
  const convenience = Object.hasOwn(conveniences, property) ? conveniences[property] : undefined;
  if (convenience !== undefined) return { property, field: convenience[0], form: convenience[1], all: false };
  if (!property.startsWith('header:') || property.length > 300) return undefined;
  const [field, ...suffixes] = property.slice('header:'.length).split(':');
  if (field === undefined || !isFieldName(field)) return undefined;
  const all = suffixes.at(-1) === 'all';
  if (all) suffixes.pop();
  const form = suffixes.shift() ?? 'asRaw';
  if (suffixes.length > 0 || !isForm(form)) return undefined;
  if (formsOf.get(field.toLowerCase())?.includes(form) === false) return undefined;
  return { property, field, form, all };
}

/** RFC 5322 3.6.8. */
function isFieldName(name: string): boolean {
  if (name === '') return false;
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i);
    if (c <= 32 || c > 126 || c === 58) return false;
  }
  return true;
}

function isForm(form: string): form is HeaderForm {
  return (headerForms as readonly string[]).includes(form);
}

export function headerValue(fields: HeaderFields, { field, form, all }: HeaderProperty): HeaderValue {
  const values = fields.values(field.toLowerCase());
  if (all) return values.map((value) => read(value, form));
  // RFC 8621 4.1.3: of several the last.
  const last = values.at(-1);
  return last === undefined ? null : read(last, form);
}

function read(value: string, form: HeaderForm): HeaderValue {
  switch (form) {
    case 'asRaw':
      return rawForm(value);
    case 'asText':
      return textForm(value);
    case 'asAddresses':
      return addressesForm(value);
    case 'asGroupedAddresses':
      return groupedAddressesForm(value);
    case 'asMessageIds':
      return messageIdsForm(value);
    case 'asDate':
      return dateForm(value);
    case 'asURLs':
      return urlsForm(value);
  }
}
