/** Addresses of blobs, from the templates of the session (RFC 8620 sections 2, 6.1, 6.2; RFC 6570 level 1). */
import type { Session } from '@vaguemestre/shared/jmap/core';

export interface BlobName {
  readonly blobId: string;
  readonly name: string;
  readonly type: string;
}

export function downloadUrl(session: Session, accountId: string, blob: BlobName): string {
  return expand(session.downloadUrl, { accountId, ...blob });
}

export function uploadUrl(session: Session, accountId: string): string {
  return expand(session.uploadUrl, { accountId });
}

function expand(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w{1,20})\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}
