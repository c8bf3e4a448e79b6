import type { DecodedAddress } from '../codec/mime/message-facts.js';
import type { MessageDocument } from '../database/documents.js';
import type { StagedContent } from './incoming-message.js';

export interface MessagePlace {
  readonly account: string;
  readonly id: string;
  readonly thread: Uint8Array;
  readonly box: string;
  /** INTERNALDATE in seconds. */
  readonly date: number;
  readonly prefix?: Uint8Array;
}

/** The immutable document of a message (store design section 1): written before the entry that names it. */
export function messageDocument(staged: StagedContent, place: MessagePlace): MessageDocument {
  const { facts } = staged;
  const prefix = place.prefix ?? new Uint8Array(0);
  return {
    _id: `${place.account}/${place.id}`,
    a: place.account,
    box0: place.box,
    date: new Date(place.date * 1000),
    size: staged.size + prefix.length,
    content: staged.document._id,
    ...(prefix.length === 0 ? {} : { pre: prefix }),
    env: facts.envelope,
    struct: facts.bodyStructure,
    heads: facts.headers,
    from: addressText(facts.from),
    to: addressText(facts.to),
    subject: facts.subject,
    ...(facts.sent === undefined ? {} : { sent: new Date(facts.sent.seconds * 1000) }),
    mid: facts.messageId ?? '',
    preview: facts.preview,
    thread: place.thread,
    refs: facts.references,
  };
}

/** Addresses as people read them, for the documents that MongoDB's own tools show. */
function addressText(addresses: readonly DecodedAddress[]): string {
  return addresses.map(({ name, address }) => (name === '' ? address : `${name} <${address}>`)).join(', ');
}
