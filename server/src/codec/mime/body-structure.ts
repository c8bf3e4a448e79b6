/**
 * BODYSTRUCTURE and BODY as IMAP sends them (RFC 9051 7.5.2 and 9, `body`). The tree gives the shape, so every message,
 * however broken, has a structure that follows the grammar. Recursion goes as deep as the tree, at most `maxMimeDepth`.
 */
import { type EnvelopeFields, formatEnvelope, readEnvelopeFields } from './envelope.js';
import type { BinaryString } from './header-fields.js';
import { imapString, nstring } from './imap-string.js';
import type { Parameter } from './parameters.js';
import type { MimePart } from './part.js';

export type { EnvelopeFields };

/** `extended`: BODYSTRUCTURE, else BODY. */
export function formatBodyStructure(part: MimePart, extended: boolean): BinaryString {
  const { content } = part;
  if (part.kind === 'multipart') {
    let children = '';
    for (const child of part.children) children += formatBodyStructure(child, extended);
    const tail = extended ? ` ${parameterList(content.parameters)}${dispositionLanguageLocation(part)}` : '';
    return `(${children} ${upper(content.subtype)}${tail})`;
  }
  let out = `(${upper(content.type)} ${upper(content.subtype)} ${parameterList(content.parameters)} ${nstring(content.id)} ${nstring(
    content.description,
  )} ${upper(content.encoding)} ${part.end - part.bodyStart}`;
  if (part.kind === 'message') {
    const message = part.children[0]!;
    out += ` ${formatEnvelope(readEnvelopeFields(message.header))} ${formatBodyStructure(message, extended)} ${part.lines}`;
  } else if (content.type === 'text') out += ` ${part.lines}`;
  if (extended) out += ` ${nstring(content.md5)}${dispositionLanguageLocation(part)}`;
  return `${out})`;
}

function dispositionLanguageLocation(part: MimePart): BinaryString {
  const { disposition, languages, location } = part.content;
  const formatted =
    disposition === undefined ? 'NIL' : `(${upper(disposition.head)} ${parameterList(disposition.parameters)})`;
  return ` ${formatted} ${languageList(languages)} ${nstring(location)}`;
}

function languageList(languages: readonly BinaryString[] | undefined): BinaryString {
  if (languages === undefined) return 'NIL';
  if (languages.length === 1) return imapString(languages[0]!);
  return `(${languages.map(imapString).join(' ')})`;
}

function parameterList(parameters: readonly Parameter[]): BinaryString {
  if (parameters.length === 0) return 'NIL';
  let out = '';
  for (const { name, value } of parameters) out += `${out === '' ? '(' : ' '}${upper(name)} ${imapString(value)}`;
  return `${out})`;
}

/** Names that come in every message, made once. */
const known = new Map(
  [
    ...[
      'text',
      'plain',
      'html',
      'multipart',
      'mixed',
      'alternative',
      'related',
      'application',
      'octet-stream',
      'pdf',
      'image',
    ],
    ...[
      'jpeg',
      'png',
      'gif',
      'message',
      'rfc822',
      'charset',
      'name',
      'boundary',
      'filename',
      'inline',
      'attachment',
      'format',
    ],
    ...[
      '7bit',
      '8bit',
      'binary',
      'base64',
      'quoted-printable',
      'type',
      'filename*',
      'name*',
      'delsp',
      'size',
      'micalg',
    ],
  ].map((word) => [word, `"${word.toUpperCase()}"`]),
);

function upper(word: string): BinaryString {
  return known.get(word) ?? imapString(asciiUpper(word));
}

/** Octets above 127 must not change: toUpperCase would turn the octet E9 into C9. */
function asciiUpper(word: string): string {
  for (let i = 0; i < word.length; i++) {
    if (word.charCodeAt(i) > 126) return word;
  }
  return word.toUpperCase();
}
