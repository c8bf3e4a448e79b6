/**
 * Fetches parts and whole messages (RFC 8620 6.2), to be shown from memory or kept as files. What is shown is given the type
 * that its first octets say, never the one that the message claims.
 */
import type { Session } from '@vaguemestre/shared/jmap/core';
import { ask } from '../jmap/transport.js';
import { sniffedType } from './attachment.js';
import type { OpenMessage } from './open-message.js';
import { headerText } from './person.js';

export interface Downloadable {
  readonly blobId: string;
  readonly name: string;
  readonly type: string;
}

/** RFC 8620 6.2: a URI template of level 1. */
export function downloadAddress(session: Session, accountId: string, file: Downloadable): string {
  const values: Readonly<Record<string, string>> = {
    accountId,
    blobId: file.blobId,
    name: file.name,
    type: file.type,
  };
  const filled = session.downloadUrl.replace(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(values[name] ?? ''),
  );
  // The page talks to its own origin only; behind a proxy the server may know itself by another name.
  const url = new URL(filled, location.origin);
  return url.pathname + url.search;
}

export async function fetchOctets(address: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const response = await ask(address, { signal });
  return new Uint8Array(await response.arrayBuffer());
}

/** An image that is leaving the page may only just have been given its address, and asks for it yet. */
const fetchedWithinMs = 10_000;

/** An address for an `img` or the PDF viewer; undefined when the octets are something else. `release` it after use. */
export function shownAddress(
  octets: Uint8Array<ArrayBuffer>,
  kind: 'image' | 'pdf',
): { readonly address: string; release(): void } | undefined {
  const type = sniffedType(octets);
  if (type === undefined || type.startsWith('image/') !== (kind === 'image')) return undefined;
  const address = URL.createObjectURL(new Blob([octets], { type }));
  return { address, release: () => void setTimeout(() => URL.revokeObjectURL(address), fetchedWithinMs) };
}

/** Offers it to the browser as a file. The octets are never a page: their type is none that a browser shows. */
export function keepFile(name: string, octets: Uint8Array<ArrayBuffer>): void {
  const address = URL.createObjectURL(new Blob([octets], { type: 'application/octet-stream' }));
  followDownload(name, address);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The server sends it as an attachment (Content-Disposition), so nothing opens. */
export function keepFrom(name: string, address: string): void {
  followDownload(name, address);
}

function followDownload(name: string, address: string): void {
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = name;
  anchor.rel = 'noopener';
  anchor.click();
}

/** Lets go over the desktop, it is kept there as a file (browsers on Chromium; others keep the address). */
export function dragOut(event: DragEvent, name: string, address: string): void {
  const { href } = new URL(address, location.origin);
  // The name ends at a colon, and is followed by the address.
  event.dataTransfer?.setData('DownloadURL', `application/octet-stream:${name.replaceAll(':', '_')}:${href}`);
  event.dataTransfer?.setData('text/uri-list', href);
}

/** The whole message, as an .eml file named after its subject. */
export function messageFile(
  session: Session,
  accountId: string,
  message: Pick<OpenMessage, 'blobId' | 'subject'>,
): {
  readonly name: string;
  readonly address: string;
} {
  const subject = headerText(message.subject ?? '', 80).replace(/[/\\:*?"<>|]/g, '_');
  const name = `${subject === '' ? 'message' : subject}.eml`;
  return {
    name,
    address: downloadAddress(session, accountId, { blobId: message.blobId, name, type: 'application/octet-stream' }),
  };
}
