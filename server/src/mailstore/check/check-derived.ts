import { createMessageScan } from '../../codec/mime/message-facts.js';
import { signatureBytes } from '../../codec/mime/signature.js';
import type { MailDatabase } from '../../database/database.js';
import type { RootDocument } from '../../database/documents.js';
import { CardPack, packOf, placeOf } from '../derived/card-pack.js';
import { groupsPerPack, rowBytes } from '../search/bit-slices.js';
import { signatureDocument } from '../signature-document.js';
import type { FindingList } from './finding.js';

const sampleOf = 50;
const packsPerRead = 16;

/**
 * Cards against the message documents, signatures against a new scan: all of them, or a sample. A card that differs shows a
 * wrong list; a signature that lacks a bit makes a search miss. One that is not there is no fault.
 */
export async function checkDerived(
  database: MailDatabase,
  root: RootDocument,
  slots: ReadonlyMap<string, number>,
  options: { readonly deep: boolean; readonly signal: AbortSignal | undefined },
  found: FindingList,
): Promise<void> {
  const ids = [...slots.keys()];
  const step = options.deep ? 1 : Math.max(1, Math.floor(ids.length / sampleOf));
  const wanted = ids.filter((_, i) => i % step === 0);
  await checkCards(database, root._id, slots, wanted, found, options.signal);
  await checkSignatures(database, root, slots, wanted, found, options.signal);
}

async function checkCards(
  database: MailDatabase,
  account: string,
  slots: ReadonlyMap<string, number>,
  wanted: readonly string[],
  found: FindingList,
  signal: AbortSignal | undefined,
): Promise<void> {
  const packs = [...new Set(wanted.map((id) => packOf(slots.get(id)!)))];
  for (let i = 0; i < packs.length; i += packsPerRead) {
    signal?.throwIfAborted();
    const some = packs.slice(i, i + packsPerRead);
    const read = new Map(
      (await database.cards.read(account, some, ['env', 'struct', 'heads'])).map((rows) => [
        rows.pack,
        new CardPack(rows),
      ]),
    );
    const listed = wanted.filter((id) => some.includes(packOf(slots.get(id)!)));
    const documents = await database.messages.heads(account, listed);
    for (const id of listed) {
      const pack = read.get(packOf(slots.get(id)!));
      const place = placeOf(slots.get(id)!);
      const document = documents.get(id);
      if (pack === undefined || document === undefined || !pack.has(place, id)) continue;
      const same =
        pack.envelope(place).equals(document.env) &&
        pack.bodyStructure(place).equals(document.struct) &&
        pack.headers(place).equals(document.heads);
      if (!same) found.add('derived', `the card of message ${id} differs from its document`);
    }
  }
}

async function checkSignatures(
  database: MailDatabase,
  root: RootDocument,
  slots: ReadonlyMap<string, number>,
  wanted: readonly string[],
  found: FindingList,
  signal: AbortSignal | undefined,
): Promise<void> {
  const bySlot = new Map<number, Uint8Array>();
  for (const pack of root.packs) {
    signal?.throwIfAborted();
    const directory = await database.signatures.directory(root._id, pack);
    const all = Array.from({ length: groupsPerPack }, (_, group) => group);
    const groups = (await database.signatures.groups(root._id, [pack], all)).get(pack);
    if (groups === undefined || groups.size !== groupsPerPack) continue; // not whole: nothing is excluded by it
    const needed = new Set(wanted.map((id) => slots.get(id)!));
    for (let part = 0; part < directory.length; part++) {
      const slot = directory[part]!;
      if (!needed.has(slot)) continue;
      const bits = bySlot.get(slot) ?? new Uint8Array(signatureBytes);
      for (const [group, rows] of groups) {
        for (let row = 0; row < 8; row++) {
          if ((rows[row * rowBytes + (part >>> 3)]! & (1 << (part & 7))) !== 0) bits[group]! |= 1 << row;
        }
      }
      bySlot.set(slot, bits);
    }
  }
  const single = await database.signatures.single(root._id, wanted);
  const sources = await database.messages.sources(root._id, wanted);
  for (const id of wanted) {
    signal?.throwIfAborted();
    const stored = bySlot.get(slots.get(id)!) ?? unionOfParts(single.get(id));
    const source = sources.get(id);
    if (stored === undefined || source === undefined) continue;
    const rebuilt = unionOfParts(await rebuild(database, root._id, id, source));
    if (rebuilt?.some((octet, i) => (octet & ~stored[i]!) !== 0)) {
      found.add('derived', `the search signature of message ${id} does not cover its text`);
    }
  }
}

/** The bits of all parts together; undefined for "always look". */
function unionOfParts(octets: Uint8Array | undefined): Uint8Array | undefined {
  if (octets === undefined || octets.length === 0) return undefined;
  const bits = new Uint8Array(signatureBytes);
  for (let i = 0; i < octets.length; i++) bits[i % signatureBytes]! |= octets[i]!;
  return bits;
}

/** The signature of a stored message, from its octets. */
export async function rebuild(
  database: MailDatabase,
  account: string,
  id: string,
  source: { readonly content: string; readonly prefix: Uint8Array },
): Promise<Uint8Array | undefined> {
  const head = (await database.contentReader.heads([source.content])).get(source.content);
  if (head === undefined) return undefined;
  const scan = createMessageScan();
  scan.push(head.first);
  for (let number = 1; number <= head.pieces; number++) {
    const piece = await database.contentReader.piece(source.content, number);
    if (piece === undefined) return undefined;
    scan.push(piece);
  }
  return signatureDocument(scan.end(), { account, id, prefix: source.prefix }).b;
}
