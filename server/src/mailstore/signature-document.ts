import { type MessageFacts, withPrefix } from '../codec/mime/message-facts.js';
import { signatureBytes } from '../codec/mime/signature.js';
import type { SignatureDocument } from '../database/documents.js';

/**
 * The signature of a message as stored: its parts end to end, empty for "always look". What a delivery puts before the
 * content is signed into the first part: a part may claim more than it holds, never less, and a part of its own would
 * double the size of most.
 */
export function signatureDocument(
  facts: MessageFacts,
  place: { readonly account: string; readonly id: string; readonly prefix?: Uint8Array },
): SignatureDocument {
  return { _id: `${place.account}/${place.id}`, a: place.account, b: octetsOf(facts, place.prefix) };
}

function octetsOf(facts: MessageFacts, prefix: Uint8Array | undefined): Uint8Array {
  if (facts.signature === undefined) return new Uint8Array(0);
  const octets = Buffer.concat(facts.signature);
  if (prefix === undefined || prefix.length === 0) return octets;
  for (const part of withPrefix({ ...facts, signature: [] }, prefix).signature ?? []) {
    for (let i = 0; i < signatureBytes; i++) octets[i]! |= part[i]!;
  }
  return octets;
}
