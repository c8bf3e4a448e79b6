/** Email/parse (RFC 8621 4.9): blobs as Emails, without importing them: what is attached as a message, for example. */
import { capability } from '@vaguemestre/shared/jmap/core';
import { createEmailScan } from '../../../codec/mime/email-scan.js';
import { createMessageScan } from '../../../codec/mime/message-facts.js';
import { maxJmapObjectsInGet, maxMailTextBytesPerCall } from '../../../kernel/limits.js';
import { parseBlobId } from '../blobs/blob-id.js';
import { openBlob } from '../blobs/open-blob.js';
import { type BodyOptions, readBodyOptions } from '../email/body-options.js';
import {
  defaultParseProperties,
  emailProperties,
  isHeaderPropertyName,
  planOf,
  storedProperties,
} from '../email/email-properties.js';
import { headerFields } from '../email/header-block.js';
import { addHeaders } from '../email/read-emails.js';
import { scannedProperties, scanOptionsOf } from '../email/scanned-properties.js';
import { type JmapMethod, type JsonObject, type MethodContext, MethodError } from '../method.js';
import { invalidArguments, readArguments } from '../standard/arguments.js';
import { uniqueIds } from '../standard/get.js';

export const emailParse: JmapMethod = {
  name: 'Email/parse',
  capability: capability.mail,
  async run(rawArguments, context) {
    const args = readArguments(rawArguments);
    const blobIds = args.ids('blobIds');
    const properties = args.strings('properties') ?? defaultParseProperties;
    const body = readBodyOptions(args);
    args.done();
    if (blobIds === undefined) throw invalidArguments('blobIds is missing', { arguments: ['blobIds'] });
    if (blobIds.length > maxJmapObjectsInGet) {
      throw new MethodError('requestTooLarge', `At most ${maxJmapObjectsInGet} blobs are parsed by one call`);
    }
    const unknown = properties.filter(
      (name) => !(emailProperties as readonly string[]).includes(name) && !isHeaderPropertyName(name),
    );
    if (unknown.length > 0) {
      throw invalidArguments(`Email has no property ${unknown.join(', ').slice(0, 200)}`, {
        arguments: ['properties'],
      });
    }
    const parsed: Record<string, JsonObject> = {};
    const notParsable: string[] = [];
    const notFound: string[] = [];
    let textBytes = 0;
    for (const [blobId, asGiven] of uniqueIds(blobIds, context.createdIds)) {
      const email = await parse(blobId, new Set(properties), body, context);
      if (email === undefined) notFound.push(asGiven);
      else if (email === 'notParsable') notParsable.push(asGiven);
      else parsed[asGiven] = email;
      textBytes += typeof email === 'object' ? JSON.stringify(email['bodyValues'] ?? {}).length : 0;
      if (textBytes > maxMailTextBytesPerCall) {
        throw new MethodError(
          'requestTooLarge',
          'These messages have too much text for one call: ask for fewer at once',
        );
      }
    }
    const orNull = <T>(value: T, isEmpty: boolean): T | null => (isEmpty ? null : value);
    return {
      response: {
        accountId: args.accountId,
        parsed: orNull(parsed, Object.keys(parsed).length === 0),
        notParsable: orNull(notParsable, notParsable.length === 0),
        notFound: orNull(notFound, notFound.length === 0),
      },
    };
  },
};

/** undefined: there is no such blob. */
async function parse(
  blobId: string,
  wanted: ReadonlySet<string>,
  body: BodyOptions,
  { account, signal }: MethodContext,
): Promise<JsonObject | 'notParsable' | undefined> {
  const name = parseBlobId(blobId);
  const blob = await openBlob(account, blobId, signal);
  if (blob === undefined || name === undefined) return undefined;
  const scan = createEmailScan(scanOptionsOf(wanted, body));
  const facts = wanted.has('preview') ? createMessageScan() : undefined;
  for await (const piece of blob.octets()) {
    signal.throwIfAborted();
    // A decoder may use its buffer again, and a scanner may keep the end of what it is given.
    const octets = Uint8Array.from(piece);
    scan.push(octets);
    facts?.push(octets);
  }
  const scanned = scan.end();
  const header = scanned.headerOf(scanned.root);
  if (headerFields(header).list().length === 0) return 'notParsable';
  const object: Record<string, unknown> = {};
  for (const property of storedProperties) if (wanted.has(property)) object[property] = null;
  if (wanted.has('blobId')) object['blobId'] = blobId;
  if (wanted.has('size')) object['size'] = scanned.size;
  if (facts !== undefined) object['preview'] = facts.end().preview;
  addHeaders(object, planOf(wanted), header);
  return Object.assign(object, scannedProperties(scanned, name, wanted, body));
}
