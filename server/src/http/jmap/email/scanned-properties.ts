/** Properties of an Email that are read from the whole message (RFC 8621 4.1.4): of a stored one, and of a parsed blob. */
import { hasAttachment, selectBodies } from '../../../codec/mime/body-selection.js';
import type { EmailScanOptions, ScannedEmail } from '../../../codec/mime/email-scan.js';
import type { BlobName } from '../blobs/blob-id.js';
import type { JsonObject } from '../method.js';
import type { BodyOptions } from './body-options.js';
import { bodyPartWriter, type PlacedPart, partIdOf, placeParts } from './body-part.js';

export function scanOptionsOf(wanted: ReadonlySet<string>, body: BodyOptions): EmailScanOptions {
  const values = wanted.has('bodyValues');
  const texts = !values ? 'none' : body.all ? 'all' : body.text || body.html ? 'shown' : 'none';
  return { texts, maxTextBytes: body.maxBytes };
}

export function scannedProperties(
  scanned: ScannedEmail,
  blob: BlobName,
  wanted: ReadonlySet<string>,
  body: BodyOptions,
): JsonObject {
  const root = placeParts(scanned.root);
  const bodies = selectBodies(root);
  const writer = bodyPartWriter(scanned, blob, body.properties);
  const list = (parts: readonly PlacedPart[]): readonly JsonObject[] => parts.map((part) => writer.write(part, false));
  const object: Record<string, unknown> = {};
  const set = (name: string, value: () => unknown): void => {
    if (wanted.has(name)) object[name] = value();
  };
  set('bodyStructure', () => writer.write(root, true));
  set('textBody', () => list(bodies.text));
  set('htmlBody', () => list(bodies.html));
  set('attachments', () => list(bodies.attachments));
  set('hasAttachment', () => hasAttachment(bodies));
  set('bodyValues', () => {
    const values: Record<string, unknown> = {};
    const parts = [
      ...(body.text || body.all ? bodies.text : []),
      ...(body.html || body.all ? bodies.html : []),
      ...(body.all ? leaves(root) : []),
    ];
    for (const part of parts) {
      const text = scanned.textOf(part.part);
      if (text !== undefined) values[partIdOf(part)] = text;
    }
    return values;
  });
  return object;
}

function leaves(part: PlacedPart): readonly PlacedPart[] {
  return part.parts === undefined ? [part] : part.parts.flatMap(leaves);
}
