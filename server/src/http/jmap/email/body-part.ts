/** EmailBodyPart objects (RFC 8621 4.1.4) from a scanned message. */
import type { SelectablePart } from '../../../codec/mime/body-selection.js';
import { decodeRaw } from '../../../codec/mime/charset.js';
import type { ScannedEmail } from '../../../codec/mime/email-scan.js';
import { plainParameter } from '../../../codec/mime/parameters.js';
import type { MimePart } from '../../../codec/mime/part.js';
import { fileName } from '../../../codec/mime/text.js';
import { type BlobName, formatBlobId } from '../blobs/blob-id.js';
import type { JsonObject } from '../method.js';
import { headerFields } from './header-block.js';
import { type HeaderProperty, headerValue, parseHeaderProperty } from './header-property.js';

/** A part where it lies: its number is its partId, and names its blob. */
export interface PlacedPart extends SelectablePart<PlacedPart> {
  readonly part: MimePart;
  /** RFC 9051 6.4.5.1 part numbers; empty for a multipart message itself. */
  readonly path: readonly number[];
}

export const bodyPartProperties = [
  'partId',
  'blobId',
  'size',
  'headers',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'location',
  'subParts',
] as const;

/** RFC 8621 4.2. */
export const defaultBodyProperties: readonly string[] = bodyPartProperties.filter(
  (name) => name !== 'headers' && name !== 'subParts',
);

export function isBodyProperty(name: string): boolean {
  return (bodyPartProperties as readonly string[]).includes(name) || isHeaderName(name);
}

function isHeaderName(name: string): boolean {
  return name.startsWith('header:') && parseHeaderProperty(name) !== undefined;
}

/** The tree as JMAP sees it: an encapsulated message is a leaf. */
export function placeParts(root: MimePart): PlacedPart {
  return place(root, root.kind === 'multipart' ? [] : [1]);
}

function place(part: MimePart, path: readonly number[]): PlacedPart {
  const { content } = part;
  return {
    part,
    path,
    type: `${content.type}/${content.subtype}`,
    disposition: content.disposition?.head,
    named: fileName(content) !== undefined,
    cid: content.id !== undefined,
    parts: part.kind === 'multipart' ? part.children.map((child, i) => place(child, [...path, i + 1])) : undefined,
  };
}

export const partIdOf = (part: PlacedPart): string => part.path.join('.');

export interface BodyPartWriter {
  /** `tree`: with its sub-parts, whatever properties were asked for. */
  write(part: PlacedPart, tree: boolean): JsonObject;
}

/** `blob` names the message that the parts are of. */
export function bodyPartWriter(scanned: ScannedEmail, blob: BlobName, properties: readonly string[]): BodyPartWriter {
  const wanted = new Set(properties);
  const headers = properties.flatMap((name): readonly HeaderProperty[] => {
    const header = isHeaderName(name) ? parseHeaderProperty(name) : undefined;
    return header === undefined ? [] : [header];
  });
  const all = (placed: PlacedPart, tree: boolean): JsonObject => {
    const { part, path, parts } = placed;
    const { content } = part;
    const isMultipart = parts !== undefined;
    const object: Record<string, unknown> = {};
    const set = (name: string, value: () => unknown): void => {
      if (wanted.has(name)) object[name] = value();
    };
    set('partId', () => (isMultipart ? null : partIdOf(placed)));
    set('blobId', () => (isMultipart ? null : formatBlobId({ ...blob, part: [...blob.part, ...path] })));
    set('size', () => (isMultipart ? 0 : scanned.decodedSize(part)));
    set('headers', () => headerFields(scanned.headerOf(part)).list());
    set('name', () => fileName(content) ?? null);
    set('type', () => placed.type);
    set('charset', () => charsetOf(part));
    set('disposition', () => content.disposition?.head ?? null);
    set('cid', () => cidOf(part));
    set('language', () => content.languages?.map(decodeRaw) ?? null);
    set('location', () => (content.location === undefined ? null : decodeRaw(content.location)));
    if (headers.length > 0) {
      const fields = headerFields(scanned.headerOf(part));
      for (const header of headers) object[header.property] = headerValue(fields, header);
    }
    if (isMultipart && (tree || wanted.has('subParts'))) object['subParts'] = parts.map((each) => all(each, tree));
    else if (wanted.has('subParts')) object['subParts'] = null;
    return object;
  };
  return { write: all };
}

/** RFC 8621 4.1.4: the parameter, us-ascii where a text does not say, null for what is no text. */
function charsetOf({ content }: MimePart): string | null {
  const charset = plainParameter(content.parameters, 'charset');
  if (charset !== undefined) return decodeRaw(charset);
  return content.type === 'text' ? 'us-ascii' : null;
}

function cidOf({ content }: MimePart): string | null {
  if (content.id === undefined) return null;
  const id = content.id.trim();
  const open = id.indexOf('<');
  const close = id.indexOf('>', open);
  const bare = open >= 0 && close > open ? id.slice(open + 1, close) : id;
  return bare === '' ? null : decodeRaw(bare);
}
