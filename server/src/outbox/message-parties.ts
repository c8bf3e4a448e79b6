/** Who a message is from and to, by its header (RFC 8621 7.5): what an envelope is made of when the client gives none. */
import type { AddressItem } from '../codec/mime/addresses.js';
import { decodeRaw } from '../codec/mime/charset.js';
import { decodeEncodedWords } from '../codec/mime/encoded-words.js';
import { readEnvelopeFields } from '../codec/mime/envelope.js';
import { bodyStartOf } from '../codec/mime/header-end.js';
import { toBinaryString } from '../codec/mime/header-fields.js';

export interface Party {
  readonly name: string;
  /** As an envelope writes it: quoted where the local part needs it. */
  readonly address: string;
}

export interface MessageParties {
  readonly from: readonly Party[];
  /** From, when there is no Sender. */
  readonly sender: readonly Party[];
  /** To, Cc and Bcc. */
  readonly to: readonly Party[];
}

/** `head` holds the header, and may hold more. */
export function messageParties(head: Uint8Array): MessageParties {
  const fields = readEnvelopeFields(toBinaryString(head, 0, bodyStartOf(head) ?? head.length));
  return {
    from: fields.from.flatMap(partyOf),
    sender: (fields.sender.length > 0 ? fields.sender : fields.from).flatMap(partyOf),
    to: [...fields.to, ...fields.cc, ...fields.bcc].flatMap(partyOf),
  };
}

function partyOf(item: AddressItem): Party[] {
  if (item.kind !== 'mailbox') return [];
  const local = decodeRaw(item.local);
  const domain = decodeRaw(item.domain);
  const name = item.name === undefined ? '' : decodeEncodedWords(item.name).slice(0, 200);
  return [{ name, address: `${isDotString(local) ? local : quoted(local)}@${domain}` }];
}

/** RFC 5321 4.1.2 Dot-string, with what RFC 6531 adds. */
function isDotString(local: string): boolean {
  if (local === '') return false;
  for (const character of local) if (character <= ' ' || '()<>[]:;@\\,"\x7f'.includes(character)) return false;
  return true;
}

function quoted(local: string): string {
  let text = '"';
  for (const character of local) text += character === '"' || character === '\\' ? `\\${character}` : character;
  return `${text}"`;
}
