/**
 * The Content-* fields of one part (RFC 2045, 2046, 2183, 1864, 3282, 2557), as BODYSTRUCTURE and the decoders need them.
 * The first field of a name counts; what is missing or invalid has the default of RFC 2045 5.2.
 */
import { type BinaryString, fieldValue, visitFields } from './header-fields.js';
import { type Parameter, parseStructuredValue } from './parameters.js';
import { isKnownEncoding } from './transfer-encoding.js';

export interface ContentFields {
  /** Lower case. */
  readonly type: string;
  readonly subtype: string;
  readonly parameters: readonly Parameter[];
  /** Content-Transfer-Encoding, lower case, `7bit` when absent. */
  readonly encoding: string;
  readonly id: BinaryString | undefined;
  readonly description: BinaryString | undefined;
  readonly md5: BinaryString | undefined;
  /** Lower case head: `inline`, `attachment` ... */
  readonly disposition: { readonly head: string; readonly parameters: readonly Parameter[] } | undefined;
  readonly languages: readonly BinaryString[] | undefined;
  readonly location: BinaryString | undefined;
}

const usAscii: readonly Parameter[] = [{ name: 'charset', value: 'us-ascii' }];

/** RFC 2045 5.2. */
export const plainTextFields: ContentFields = {
  type: 'text',
  subtype: 'plain',
  parameters: usAscii,
  encoding: '7bit',
  id: undefined,
  description: undefined,
  md5: undefined,
  disposition: undefined,
  languages: undefined,
  location: undefined,
};

/** RFC 2046 5.1.5: what a part of multipart/digest is when it does not say. */
const digestPartFields: ContentFields = { ...plainTextFields, type: 'message', subtype: 'rfc822', parameters: [] };

/** Reads the fields of a header block. `inDigest`: the part is a child of multipart/digest. */
export function parseContentFields(block: BinaryString, inDigest: boolean): ContentFields {
  const defaults = inDigest ? digestPartFields : plainTextFields;
  let found: Mutable | undefined;
  let seen = 0;
  visitFields(block, (name, _start, valueStart, end) => {
    if (name.charCodeAt(0) !== 99 || !name.startsWith('content-')) return;
    const which = fieldBits.get(name);
    if (which === undefined || (seen & which) !== 0) return;
    const value = fieldValue(block, valueStart, end);
    if (value === '') return;
    seen |= which;
    found ??= { ...defaults };
    readField(found, name, value);
  });
  return found ?? defaults;
}

type Mutable = { -readonly [K in keyof ContentFields]: ContentFields[K] };

const fieldBits = new Map(
  [
    'content-type',
    'content-transfer-encoding',
    'content-id',
    'content-description',
    'content-md5',
    'content-disposition',
    'content-language',
    'content-location',
  ].map((name, i) => [name, 1 << i]),
);

function readField(fields: Mutable, name: string, value: BinaryString): void {
  switch (name) {
    case 'content-type':
      readContentType(fields, value);
      return;
    case 'content-transfer-encoding':
      fields.encoding = readEncoding(parseStructuredValue(value).head.toLowerCase());
      return;
    case 'content-id':
      fields.id = value;
      return;
    case 'content-description':
      fields.description = value;
      return;
    case 'content-md5':
      fields.md5 = value;
      return;
    case 'content-disposition': {
      const { head, parameters } = parseStructuredValue(value);
      const disposition = firstToken(head).toLowerCase();
      if (disposition !== '') fields.disposition = { head: disposition, parameters };
      return;
    }
    case 'content-language': {
      const languages = parseStructuredValue(value)
        .head.split(',')
        .map((language) => language.trim())
        .filter((language) => language !== '');
      if (languages.length > 0) fields.languages = languages.slice(0, maxLanguages);
      return;
    }
    case 'content-location':
      fields.location = withoutWhite(value); // RFC 2557 4.4.2: folded URIs are joined without blanks
      return;
  }
}

/** One token (RFC 2045 6.1); `8 bit` is met too. */
function readEncoding(head: string): string {
  const token = firstToken(head);
  if (token === head) return token === '' ? '7bit' : token;
  const joined = withoutWhite(head);
  return isKnownEncoding(joined) ? joined : token;
}

/** A language list of a million commas is no list. */
const maxLanguages = 100;

function readContentType(fields: Mutable, value: BinaryString): void {
  const { head, parameters } = parseStructuredValue(value);
  const slash = head.indexOf('/');
  const type = head
    .slice(0, slash === -1 ? head.length : slash)
    .trim()
    .toLowerCase();
  const subtype = slash === -1 ? '' : firstToken(head.slice(slash + 1).trim()).toLowerCase();
  // RFC 2045 5.2: a field with invalid syntax counts as absent.
  if (!isToken(type) || !isToken(subtype)) {
    if (type === 'text' && subtype === '') fields.parameters = parameters;
    return;
  }
  fields.type = type;
  fields.subtype = subtype;
  fields.parameters = parameters;
}

function firstToken(text: BinaryString): BinaryString {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c <= 32) return text.slice(0, i);
  }
  return text;
}

/** RFC 2045 5.1 token, ASCII; tspecials but `/` `?` `=` `:` would break out of an IMAP string nowhere, so they pass. */
function isToken(text: string): boolean {
  if (text === '' || text.length > 127) return false; // RFC 6838 4.2
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c <= 32 || c >= 127 || c === 34 || c === 40 || c === 41 || c === 92) return false;
  }
  return true;
}

function withoutWhite(text: BinaryString): BinaryString {
  return text.indexOf(' ') === -1 && text.indexOf('\t') === -1 ? text : text.split(' ').join('').split('\t').join('');
}
