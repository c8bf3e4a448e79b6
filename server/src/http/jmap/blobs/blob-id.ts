/**
 * Names of blobs (RFC 8620 6): an upload, or an email as it lies in the store, and below either the parts of its MIME structure by
 * their IMAP part numbers (RFC 9051 6.4.5.1), which go on inside of an encapsulated message. A name says where to look in the
 * caller's own account and nothing else (invariant 5).
 */
export interface BlobName {
  readonly of: 'upload' | 'email';
  /** Of the upload or the email: 24 hex digits. */
  readonly id: string;
  /** Empty for all of it. */
  readonly part: readonly number[];
}

const letters = { upload: 'u', email: 'm' } as const;
/** As deep as a message may nest, and two digits more than a message may have parts. */
const form = /^([um])([0-9a-f]{24})((?:-[1-9]\d{0,4}){0,50})$/;

/** `m0123...`, `m0123...-2-1`. */
export function formatBlobId({ of, id, part }: BlobName): string {
  return part.length === 0 ? letters[of] + id : `${letters[of]}${id}-${part.join('-')}`;
}

/** undefined: no blob can have that id. */
export function parseBlobId(blobId: string): BlobName | undefined {
  if (blobId.length > 255) return undefined;
  const match = form.exec(blobId);
  if (match === null) return undefined;
  const [, letter, id, path] = match;
  const part = path === '' ? [] : path!.slice(1).split('-').map(Number);
  return { of: letter === 'u' ? 'upload' : 'email', id: id!, part };
}
