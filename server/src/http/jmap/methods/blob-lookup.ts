/** Blob/lookup (RFC 9404 4.3): the emails, threads and mailboxes in which a blob is found. */
import { capability } from '@vaguemestre/shared/jmap/core';
import { maxJmapObjectsInGet } from '../../../kernel/limits.js';
import type { Emails } from '../../../mailstore/emails.js';
import { parseBlobId } from '../blobs/blob-id.js';
import { openBlob } from '../blobs/open-blob.js';
import { type JmapMethod, type JsonObject, MethodError } from '../method.js';
import { invalidArguments, readArguments } from '../standard/arguments.js';
import { uniqueIds } from '../standard/get.js';

export const lookupTypes = ['Email', 'Thread', 'Mailbox'] as const;

export const blobLookup: JmapMethod = {
  name: 'Blob/lookup',
  capability: capability.blob,
  async run(rawArguments, context) {
    const { account, using, createdIds, signal } = context;
    const args = readArguments(rawArguments);
    const typeNames = args.strings('typeNames');
    const ids = args.ids('ids');
    args.done();
    if (typeNames === undefined || ids === undefined) throw invalidArguments('typeNames and ids must be given');
    // RFC 9404 4.3: also when the request does not use what the type belongs to.
    const unknown = typeNames.find(
      (name) => !(lookupTypes as readonly string[]).includes(name) || !using.has(capability.mail),
    );
    if (unknown !== undefined)
      throw new MethodError('unknownDataType', `No blobs are found in ${unknown.slice(0, 100)}`);
    if (ids.length > maxJmapObjectsInGet) {
      throw new MethodError('requestTooLarge', `At most ${maxJmapObjectsInGet} blobs are looked up by one call`);
    }
    const emails = await account.emails();
    const list: JsonObject[] = [];
    const notFound: string[] = [];
    for (const [id, asGiven] of uniqueIds(ids, createdIds)) {
      signal.throwIfAborted();
      if ((await openBlob(account, id, signal)) === undefined) notFound.push(asGiven);
      else {
        const places = placesOf(emails, id);
        list.push({ id, matchedIds: Object.fromEntries(typeNames.map((name) => [name, places[name as Place] ?? []])) });
      }
    }
    return { response: { accountId: args.accountId, list, notFound } };
  },
};

type Place = (typeof lookupTypes)[number];

function placesOf(emails: Emails, blobId: string): Readonly<Partial<Record<Place, readonly string[]>>> {
  const name = parseBlobId(blobId);
  const number = name?.of === 'email' ? emails.numberOf(name.id) : -1;
  if (number < 0) return {};
  return { Email: [emails.idAt(number)], Thread: [emails.threadAt(number)], Mailbox: emails.mailboxesOf(number) };
}
