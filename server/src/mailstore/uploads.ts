import { writeContent } from '../database/content-writer.js';
import { bornSeconds, newObjectId } from '../database/contents.js';
import type { MailDatabase } from '../database/database.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import { maxUploadedBytesPerDay } from '../kernel/limits.js';
import { readPieces } from './message-reads.js';

/**
 * Uploads of an account: octets exactly as they came, kept for a day, then taken by the collector. An upload is a content of the
 * account with a mark (store design section 6); a message that is made of it gets a content of its own, so an upload is named by
 * nobody and may go whenever it is old. It is found by its random id in its own account and by nothing else (invariant 5).
 */
export interface Upload {
  readonly id: string;
  readonly size: number;
  /** As the client gave it. */
  readonly type: string;
  /** May be called more than once. */
  octets(): AsyncIterable<Uint8Array>;
}

/** Nothing is there before `finish` has resolved. */
export interface IncomingUpload {
  /** MailError tooBig past the limit, unavailable. */
  write(chunk: Uint8Array): Promise<void>;
  finish(): Promise<Upload>;
  /** Forgets it. Never throws. */
  abort(): void;
}

export interface AccountUploads {
  /** MailError overQuota when the account uploaded too much in the last day. */
  receive(options: { readonly type: string; readonly maxBytes: number }): Promise<IncomingUpload>;
  /** undefined: there is none, or it is older than a day. */
  open(id: string): Promise<Upload | undefined>;
}

/** The collector takes what is older than 24 h (store design section 4): an hour for whoever is reading then. */
const keptSeconds = 23 * 3600;

export function accountUploads(database: MailDatabase, clock: Clock, account: string): AccountUploads {
  const nowSeconds = (): number => Math.floor(clock.nowMs() / 1000);

  function upload(id: string, head: { readonly size: number; readonly type: string }): Upload {
    return { id, size: head.size, type: head.type, octets: () => octetsOf(database, `${account}/${id}`) };
  }

  return {
    async receive({ type, maxBytes }) {
      const used = await database.uploads.bytesSince(account, nowSeconds() - 24 * 3600);
      const left = maxUploadedBytesPerDay - used;
      if (left <= 0) throw new MailError('overQuota', 'Too much was uploaded in the last day, try again later');
      const id = newObjectId();
      const writer = writeContent(database.contents, { id: `${account}/${id}` });
      return {
        async write(chunk) {
          if (writer.size + chunk.length > Math.min(maxBytes, left)) {
            throw new MailError('tooBig', 'The upload is larger than is accepted here');
          }
          await writer.push(chunk);
        },
        async finish() {
          const document = await writer.finish();
          await database.uploads.insert({ ...document, upload: { type } });
          return upload(id, { size: document.size, type });
        },
        abort: () => writer.abort(),
      };
    },
    async open(id) {
      if (!/^[0-9a-f]{24}$/.test(id) || bornSeconds(id) < nowSeconds() - keptSeconds) return undefined;
      const head = await database.uploads.head(account, id);
      return head && upload(id, head);
    },
  };
}

async function* octetsOf(database: MailDatabase, content: string): AsyncIterable<Uint8Array> {
  const head = (await database.contentReader.heads([content])).get(content);
  if (head === undefined) throw new MailError('nonexistent', 'The upload is not there any more');
  yield head.first;
  yield* readPieces(database, content, head.pieces);
}
