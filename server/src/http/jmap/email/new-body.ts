/**
 * The body of a new message from what an Email says (RFC 8621 4.6): a tree given as `bodyStructure`, or texts and attachments that
 * are put together here. What is wrong is gathered, so that a client hears of all of it at once.
 */

import { fieldValue } from '../../../codec/mime/header-fields.js';
import { parametersField } from '../../../codec/mime/header-writer.js';
import type { NewPart } from '../../../codec/mime/message-builder.js';
import { parseStructuredValue } from '../../../codec/mime/parameters.js';
import { maxMimeDepth, maxMimeParts } from '../../../kernel/limits.js';
import type { OpenBlob } from '../blobs/open-blob.js';
import type { JsonObject } from '../method.js';
import { isObject, isStringArray, isUnsignedInt } from '../values.js';
import { newFields } from './new-header.js';

export interface BodyProblems {
  /** What is wrong, as a pointer from the Email without its leading slash: `bodyStructure/subParts/0/charset`. */
  readonly wrong: Set<string>;
  readonly missingBlobs: Set<string>;
}

export interface NewBody {
  readonly root: NewPart;
  /** Names of header fields that the root part has, in lower case, with the property that gave them. */
  readonly rootFields: ReadonlyMap<string, string>;
}

export type BlobOpener = (blobId: string) => Promise<OpenBlob | undefined>;

export async function newBody(email: JsonObject, open: BlobOpener, problems: BodyProblems): Promise<NewBody> {
  const reader = new BodyReader(email['bodyValues'], open, problems);
  const { bodyStructure } = email;
  if (bodyStructure !== undefined) {
    // RFC 8621 4.6: then there are none of the others.
    for (const name of ['textBody', 'htmlBody', 'attachments']) if (name in email) problems.wrong.add(name);
    return reader.read(bodyStructure, 'bodyStructure', { type: undefined }, 0);
  }
  const text = await only(reader, email, 'textBody', 'text/plain');
  const html = await only(reader, email, 'htmlBody', 'text/html');
  const attachments: NewPart[] = [];
  const list = email['attachments'] ?? [];
  if (!Array.isArray(list)) problems.wrong.add('attachments');
  else {
    for (const [i, each] of list.entries()) {
      attachments.push((await reader.read(each, `attachments/${i}`, { type: undefined, attached: true }, 0)).root);
    }
  }
  return { root: together(text, html, attachments), rootFields: new Map() };
}

/** RFC 8621 4.6: exactly one part, of its type. */
async function only(
  reader: BodyReader,
  email: JsonObject,
  name: 'textBody' | 'htmlBody',
  type: string,
): Promise<NewPart | undefined> {
  const list = email[name];
  if (list === undefined || list === null || (Array.isArray(list) && list.length === 0)) return undefined;
  if (!Array.isArray(list) || list.length !== 1 || !isObject(list[0])) {
    reader.problems.wrong.add(name);
    return undefined;
  }
  if ((list[0]['type'] ?? type) !== type) reader.problems.wrong.add(`${name}/0/type`);
  return (await reader.read(list[0], `${name}/0`, { type }, 0)).root;
}

/** Pictures of the HTML lie beside it (RFC 2387), everything else behind the text (RFC 2046 5.1.3, 5.1.4). */
function together(text: NewPart | undefined, html: NewPart | undefined, attachments: readonly NewPart[]): NewPart {
  const isInline = (part: NewPart): boolean =>
    html !== undefined && part.fields.includes('Content-ID:') && /^Content-Disposition: inline/im.test(part.fields);
  const inline = attachments.filter(isInline);
  const others = attachments.filter((part) => !isInline(part));
  const shown = html !== undefined && inline.length > 0 ? multipart('related', [html, ...inline]) : html;
  const bodies = [text, shown].filter((part): part is NewPart => part !== undefined);
  const body = bodies.length === 2 ? multipart('alternative', bodies) : bodies[0];
  if (others.length === 0) return body ?? emptyText;
  return multipart('mixed', body === undefined ? others : [body, ...others]);
}

const emptyText: NewPart = { kind: 'text', type: 'text/plain', parameters: [], fields: '', text: '' };

function multipart(subtype: string, parts: readonly NewPart[]): NewPart {
  return { kind: 'multipart', type: `multipart/${subtype}`, parameters: [], fields: '', parts };
}

interface Defaults {
  readonly type: string | undefined;
  /** One of `attachments`: to be offered as a file if it does not say otherwise. */
  readonly attached?: boolean;
}

const ownProperties = [
  'partId',
  'blobId',
  'size',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'location',
  'subParts',
];

/** Fields that are written from other properties, or by the builder alone. */
const namesOfProperties: Readonly<Record<string, string>> = {
  type: 'content-type',
  charset: 'content-type',
  disposition: 'content-disposition',
  cid: 'content-id',
  language: 'content-language',
  location: 'content-location',
};

class BodyReader {
  readonly problems: BodyProblems;
  readonly #values: unknown;
  readonly #open: BlobOpener;
  #count = 0;

  constructor(values: unknown, open: BlobOpener, problems: BodyProblems) {
    this.problems = problems;
    this.#values = values;
    this.#open = open;
    if (values !== undefined && !isObject(values)) problems.wrong.add('bodyValues');
  }

  /** `at`: where the part stands in the Email. */
  async read(value: unknown, at: string, defaults: Defaults, depth: number): Promise<NewBody> {
    this.#count += 1;
    if (!isObject(value) || depth >= maxMimeDepth - 2 || this.#count >= maxMimeParts) return this.#fail(at);
    const part: JsonObject = Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null));
    const fields = this.#headerFields(part, at);
    const given = typeOf(part, fields, defaults);
    if (given === undefined) return this.#fail(`${at}/type`);
    const rest =
      part['subParts'] !== undefined || given.type.startsWith('multipart/')
        ? await this.#multipart(part, given.type, at, depth)
        : await this.#leaf(part, given.type, at, defaults);
    const disposition = dispositionOf(part, defaults);
    const contentFields = this.#contentFields(part, disposition, at);
    const name = typeof part['name'] === 'string' ? part['name'] : undefined;
    const others = [...fields.values()].filter(({ name: field }) => field !== 'content-type');
    return {
      root: {
        ...rest,
        type: rest.type === '' ? given.type : rest.type,
        parameters: [...given.parameters, ...rest.parameters, ...(name === undefined ? [] : [['name', name] as const])],
        fields: contentFields + others.map((field) => field.octets).join(''),
      } as NewPart,
      rootFields: new Map([...fields].map(([field, { property }]) => [field, property])),
    };
  }

  #fail(at: string): NewBody {
    this.problems.wrong.add(at);
    return { root: emptyText, rootFields: new Map() };
  }

  /** An empty text in place of a part that cannot be. */
  #wrong(at: string, ...names: readonly string[]): NewPart {
    for (const name of names) this.problems.wrong.add(`${at}/${name}`);
    return emptyText;
  }

  /** By name in lower case; a field that two properties give is wrong (RFC 8621 4.6). */
  #headerFields(
    part: JsonObject,
    at: string,
  ): Map<string, { name: string; octets: string; property: string; value: unknown }> {
    const fields = new Map<string, { name: string; octets: string; property: string; value: unknown }>();
    const taken = new Set(
      Object.keys(part).flatMap((property) =>
        Object.hasOwn(namesOfProperties, property) ? [namesOfProperties[property]!] : [],
      ),
    );
    for (const [property, value] of Object.entries(part)) {
      if (ownProperties.includes(property)) continue;
      const written = property.startsWith('header:') ? newFields(property, value) : undefined;
      const name = written?.[0]?.name;
      if (written === undefined || name === 'content-transfer-encoding' || name === 'mime-version') {
        this.#wrong(at, property);
        continue;
      }
      if (name === undefined) continue;
      if (taken.has(name)) this.#wrong(at, property);
      taken.add(name);
      fields.set(name, { name, octets: written.map((field) => field.octets).join(''), property, value });
    }
    return fields;
  }

  async #multipart(part: JsonObject, type: string, at: string, depth: number): Promise<NewPart> {
    const { subParts } = part;
    // RFC 8621 4.1.4: only a multipart has parts, and it has no octets of its own.
    if (!type.startsWith('multipart/') || !Array.isArray(subParts) || subParts.length === 0) {
      return this.#wrong(at, 'subParts');
    }
    const ofLeaves = ['partId', 'blobId', 'size', 'charset'].filter((name) => name in part);
    if (ofLeaves.length > 0) return this.#wrong(at, ...ofLeaves);
    const parts: NewPart[] = [];
    for (const [i, each] of subParts.entries()) {
      parts.push((await this.read(each, `${at}/subParts/${i}`, { type: undefined }, depth + 1)).root);
    }
    return { kind: 'multipart', type, parameters: [], fields: '', parts };
  }

  async #leaf(part: JsonObject, type: string, at: string, defaults: Defaults): Promise<NewPart> {
    const { partId, blobId, charset, size } = part;
    if (partId !== undefined) {
      // RFC 8621 4.6: a partId or a blobId; with a partId neither charset nor size.
      if (blobId !== undefined) return this.#wrong(at, 'partId', 'blobId');
      const others = ['charset', 'size'].filter((name) => name in part);
      if (others.length > 0) return this.#wrong(at, ...others);
      const text = typeof partId === 'string' ? this.#valueOf(partId) : undefined;
      if (text === undefined) return this.#wrong(at, 'partId');
      if (!type.startsWith('text/')) return this.#wrong(at, 'type');
      return { kind: 'text', type, parameters: [], fields: '', text };
    }
    // Neither says what is in the part.
    if (blobId === undefined) return this.#wrong(at, 'partId', 'blobId');
    if (typeof blobId !== 'string') return this.#wrong(at, 'blobId');
    if (charset !== undefined && typeof charset !== 'string') return this.#wrong(at, 'charset');
    // RFC 8621 4.6: the size of a blob may be said, and counts for nothing.
    if (size !== undefined && !isUnsignedInt(size)) return this.#wrong(at, 'size');
    const blob = await this.#open(blobId);
    if (blob === undefined) {
      this.problems.missingBlobs.add(blobId);
      return emptyText;
    }
    return {
      kind: 'file',
      type: part['type'] === undefined && defaults.type === undefined ? mediaType(blob.type) : type,
      parameters: charset === undefined ? [] : [['charset', charset]],
      fields: '',
      octets: () => blob.octets(),
    };
  }

  /** undefined: there is no such value. */
  #valueOf(partId: string): string | undefined {
    const value = isObject(this.#values) && Object.hasOwn(this.#values, partId) ? this.#values[partId] : undefined;
    if (!isObject(value)) return undefined;
    const at = `bodyValues/${partId}`;
    if (typeof value['value'] !== 'string') this.#wrong(at, 'value');
    // RFC 8621 4.6: what could not be read, or was cut, is not sent on as if it were whole.
    this.#wrong(at, ...['isEncodingProblem', 'isTruncated'].filter((name) => (value[name] ?? false) !== false));
    return String(value['value']);
  }

  #contentFields(part: JsonObject, disposition: string | undefined, at: string): string {
    const { name, cid, language, location } = part;
    const wrong = (property: string, is: boolean): boolean => {
      if (is) this.#wrong(at, property);
      return is;
    };
    wrong('name', name !== undefined && typeof name !== 'string');
    let fields = '';
    if (disposition !== undefined && !wrong('disposition', !/^[A-Za-z0-9-]{1,60}$/.test(disposition))) {
      fields += parametersField(
        'Content-Disposition',
        disposition,
        typeof name === 'string' ? [['filename', name]] : [],
      );
    }
    if (cid !== undefined && !wrong('cid', typeof cid !== 'string' || !/^[^\s<>]{1,900}$/.test(cid)))
      fields += `Content-ID: <${cid}>\r\n`;
    if (
      language !== undefined &&
      !wrong('language', !isStringArray(language) || !language.every((tag) => /^[A-Za-z0-9-]{1,35}$/.test(tag)))
    ) {
      fields += `Content-Language: ${(language as readonly string[]).slice(0, 20).join(', ')}\r\n`;
    }
    if (
      location !== undefined &&
      !wrong('location', typeof location !== 'string' || !/^[\x21-\x7e]{1,900}$/.test(location))
    ) {
      fields += `Content-Location: ${location as string}\r\n`;
    }
    return fields;
  }
}

function dispositionOf(part: JsonObject, defaults: Defaults): string | undefined {
  const { disposition, cid } = part;
  if (disposition !== undefined) return typeof disposition === 'string' ? disposition : '';
  if (defaults.attached !== true) return undefined;
  return cid === undefined ? 'attachment' : 'inline';
}

interface GivenType {
  readonly type: string;
  readonly parameters: readonly (readonly [string, string])[];
}

/** From `type`, else from a Content-Type that was given as a field, else the default; a file then has that of its blob. */
function typeOf(
  part: JsonObject,
  fields: ReadonlyMap<string, { readonly value: unknown }>,
  defaults: Defaults,
): GivenType | undefined {
  const { type } = part;
  const field = fields.get('content-type');
  if (field !== undefined) {
    if (typeof field.value !== 'string') return undefined;
    const { head, parameters } = parseStructuredValue(fieldValue(field.value, 0, field.value.length));
    const kept = parameters.filter(({ name }) => name !== 'boundary' && name !== 'charset' && !name.includes('*'));
    return isMediaType(head)
      ? { type: head.toLowerCase(), parameters: kept.map(({ name, value }) => [name, value] as const) }
      : undefined;
  }
  const isMultipart = part['subParts'] !== undefined;
  const wanted =
    type ??
    (isMultipart
      ? 'multipart/mixed'
      : (defaults.type ?? (part['partId'] === undefined ? 'application/octet-stream' : 'text/plain')));
  return isMediaType(wanted) ? { type: wanted.toLowerCase(), parameters: [] } : undefined;
}

function mediaType(type: string): string {
  const bare = type.split(';')[0]!.trim().toLowerCase();
  return isMediaType(bare) && !bare.startsWith('multipart/') ? bare : 'application/octet-stream';
}

/** RFC 6838 4.2. */
function isMediaType(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/.test(value)
  );
}
