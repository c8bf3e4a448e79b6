import { createRequire } from 'node:module';

/**
 * IMAP values read by a parser that is not ours (wildduck's), for the octets that go out as ENVELOPE, BODYSTRUCTURE and
 * BODY. Strings come as latin1, NIL as null, lists as arrays, atoms and numbers as they stand.
 */
export type ImapValue = string | null | readonly ImapValue[];

interface ForeignNode {
  readonly type: string;
  readonly value: string | Buffer | null;
}

interface ForeignHandler {
  parser(line: string, options: { readonly allowUntagged: boolean }): { readonly attributes: readonly Foreign[] };
  compiler(command: object, asArray: boolean): string;
}

type Foreign = ForeignNode | null | readonly Foreign[];

const require = createRequire(import.meta.url);
const handler = require('wildduck/imap-core/lib/handler/imap-handler.js') as ForeignHandler;

/** Exactly one value; throws if the octets are anything else. */
export function parseImapValue(octets: Uint8Array): ImapValue {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1');
  const { attributes } = handler.parser(`A FETCH ${text}`, { allowUntagged: false });
  if (attributes.length !== 1) throw new Error(`${attributes.length} values in ${text.slice(0, 200)}`);
  return convert(attributes[0]!);
}

function convert(value: Foreign): ImapValue {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(convert);
  const node = value as ForeignNode;
  if (node.type === 'ATOM' && node.value === 'NIL') return null;
  return Buffer.isBuffer(node.value) ? node.value.toString('latin1') : (node.value as string | null);
}

export function asText(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1');
}
