/**
 * The headers of a download. What people sent is not our page: it is an attachment, in a sandbox without an origin, of a type that
 * no browser second-guesses, and nothing of it stays in a cache on a shared computer.
 */
import type { FastifyReply } from 'fastify';
import type { WebSession } from '../../auth/web-sessions.js';
import type { OpenBlob } from './blobs/open-blob.js';

export interface WantedDownload {
  readonly name: string;
  /** The client's choice, if it made one that can stand in a header. */
  readonly type: unknown;
  /** Of the browser that asks; undefined: a program, which keeps what it likes. */
  readonly browser: Pick<WebSession, 'own'> | undefined;
}

export function downloadHeaders(reply: FastifyReply, blob: OpenBlob, { name, type, browser }: WantedDownload): void {
  // RFC 8620 6.2: the type is the client's choice.
  const wanted = typeof type === 'string' ? mediaType(type) : undefined;
  reply.header('content-type', wanted ?? mediaType(blob.type) ?? 'application/octet-stream');
  reply.header('content-disposition', `attachment; ${fileNameParameters(name)}`);
  if (blob.size !== undefined) reply.header('content-length', blob.size);
  reply.header('cache-control', caching(browser));
  reply.header('x-content-type-options', 'nosniff');
  reply.header('content-security-policy', "sandbox; default-src 'none'; frame-ancestors 'none'");
}

/** RFC 8620 6.2: a blob never changes. On a computer of one's own it stays while one reads, on another not at all. */
function caching(browser: WantedDownload['browser']): string {
  if (browser === undefined) return 'private, immutable, max-age=31536000';
  return browser.own ? 'private, immutable, max-age=3600' : 'private, no-store';
}

const token = '[a-z0-9!#$&^_.+-]+';
const mediaTypeForm = new RegExp(`^${token}/${token}(?: ?; ?${token}=(?:${token}|"[ !#-\\[\\]-~]*"))*$`, 'i');

/** `type/subtype` with its parameters, if it can stand in a header. */
export function mediaType(text: string | undefined): string | undefined {
  return text !== undefined && text.length <= 255 && mediaTypeForm.test(text) ? text : undefined;
}

/** RFC 6266 4.3: plain for whoever reads no other, exact in the form of RFC 8187. */
function fileNameParameters(name: string): string {
  let safe = '';
  let ascii = '';
  for (const character of name) {
    const code = character.codePointAt(0)!;
    // Paths and control characters have no business in a file's name.
    const bad = code < 0x20 || (code >= 0x7f && code < 0xa0) || character === '/' || character === '\\';
    safe += bad ? '_' : character;
    ascii += bad || code > 0x7e || character === '"' || character === '%' ? '_' : character;
  }
  const exact = encodeURIComponent(safe).replace(/['()*]/g, (each) => `%${each.charCodeAt(0).toString(16)}`);
  return `filename="${ascii}"; filename*=UTF-8''${exact}`;
}
