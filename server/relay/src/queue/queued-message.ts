/**
 * From what was accepted to what is queued: pure. Ids follow from the message's, so that a message that is queued twice (a
 * process died before its file was removed) is queued once.
 */
import { Binary } from 'mongodb';
import type { DeliveryDocument, MessageDocument } from '../database/queue-documents.js';
import { type Route, routeKey } from '../routing/route.js';
import type { SpoolRecord } from '../spool/spool-record.js';
import type { Recipient } from './message.js';

export interface QueuedMessage {
  readonly message: MessageDocument;
  readonly deliveries: readonly DeliveryDocument[];
}

export interface QueuedOctets {
  /** The first ones. */
  readonly head: Uint8Array;
  readonly pieces: number;
}

export function queuedMessage(
  record: SpoolRecord,
  { head, pieces }: QueuedOctets,
  now: Date,
  account?: string,
): QueuedMessage {
  const created = new Date(record.receivedMs);
  const { held } = record;
  const groups = new Map<string, { readonly hop: Route; readonly rcpt: Recipient[] }>();
  for (const { route, ...recipient } of record.recipients) {
    const key = routeKey(route);
    const group = groups.get(key) ?? { hop: route, rcpt: [] };
    group.rcpt.push(recipient);
    groups.set(key, group);
  }
  return {
    message: {
      _id: record.id,
      created,
      entrance: record.entrance,
      client: record.client,
      envelope: record.envelope,
      inward: record.inward,
      about: record.about,
      size: record.sizeBytes,
      tookMs: { ...record.tookMs, spooled: Math.max(0, now.getTime() - record.receivedMs) },
      priority: record.priority,
      to: record.recipients.map(({ address }) => address.toLowerCase()),
      head: new Binary(head),
      pieces,
      ...(held !== undefined && { held }),
      ...(account !== undefined && { account }),
    },
    deliveries: [...groups].map(([route, { hop, rcpt }], i) => ({
      _id: `${record.id}/${i}`,
      m: record.id,
      lane: hop.kind === 'mailbox' ? 'in' : 'out',
      route,
      hop,
      rcpt: rcpt.map((recipient) => ({ ...recipient, state: 'open' })),
      priority: record.priority,
      created,
      tries: 0,
      fence: 0,
      log: [],
      ...(held === undefined ? { due: now } : { held }),
    })),
  };
}
