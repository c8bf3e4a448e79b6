/**
 * Puts messages into the queue: octets beyond the first piece, then the message, then its deliveries. Each step may be repeated. A few messages
 * that wait together share the round trips.
 */
import type { DeliveryDocument, MessageDocument } from '../database/queue-documents.js';
import { pieceBytes } from '../database/queue-documents.js';
import type { RelayDeliveries } from '../database/relay-deliveries.js';
import type { RelayMessages } from '../database/relay-messages.js';
import type { SpoolRecord } from '../spool/spool-record.js';
import { type QueuedOctets, queuedMessage } from './queued-message.js';

export interface ToQueue {
  readonly record: SpoolRecord;
  octets(): AsyncIterable<Uint8Array>;
  readonly account?: string;
}

export interface EnqueueParts {
  readonly messages: Pick<RelayMessages, 'insertPiece' | 'insert'>;
  readonly deliveries: Pick<RelayDeliveries, 'insert'>;
  readonly nowMs: () => number;
}

/** MailError unavailable: some may be there; all may be given again. */
export async function enqueue(parts: EnqueueParts, batch: readonly ToQueue[]): Promise<void> {
  const messages: MessageDocument[] = [];
  const deliveries: DeliveryDocument[] = [];
  for (const one of batch) {
    const octets = await storePieces(parts, one);
    const queued = queuedMessage(one.record, octets, new Date(parts.nowMs()), one.account);
    messages.push(queued.message);
    deliveries.push(...queued.deliveries);
  }
  await parts.messages.insert(messages);
  await parts.deliveries.insert(deliveries);
}

/** Pieces of one size, but for the last: the message keeps the first. */
async function storePieces({ messages }: EnqueueParts, { record, octets }: ToQueue): Promise<QueuedOctets> {
  let head: Uint8Array | undefined;
  let pieces = 0;
  const put = async (piece: Uint8Array): Promise<void> => {
    if (head === undefined) head = piece;
    else await messages.insertPiece(record.id, ++pieces, piece);
  };
  let gathered: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of octets()) {
    for (let at = 0; at < chunk.length; ) {
      const some = chunk.subarray(at, at + pieceBytes - length);
      gathered.push(some);
      length += some.length;
      at += some.length;
      if (length < pieceBytes) continue;
      await put(Buffer.concat(gathered));
      gathered = [];
      length = 0;
    }
  }
  if (length > 0 || head === undefined) await put(Buffer.concat(gathered));
  return { head: head!, pieces };
}
