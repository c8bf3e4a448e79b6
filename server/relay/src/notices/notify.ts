/**
 * Tells the sender of a message what came of it (RFC 3464, RFC 3461 6, RFC 5321 6.1): the notice is a message of the queue like any
 * other, from `<>`, so that none is ever made about it. Its octets and its id follow from what it tells: made again after a crash, it
 * is the same notice, once. Nobody is told about spam: its sender is somebody else.
 */
import { createHash } from 'node:crypto';
import { recipientStatus } from '@vaguemestre/server/codec/smtp/delivery-status';
import type { Log } from '@vaguemestre/server/kernel/log';
import { maxReturnedBytes } from '@vaguemestre/server/outbox/notice';
import { quotedHeader, reportOctets } from '@vaguemestre/server/outbox/report';
import type { DeliveryDocument, MessageDocument } from '../database/queue-documents.js';
import type { RelayMessages } from '../database/relay-messages.js';
import { type EnqueueParts, enqueue } from '../queue/enqueue.js';
import type { Router } from '../routing/route.js';
import { noticeWords } from './notice-text.js';

export interface NotifyParts extends EnqueueParts {
  readonly messages: EnqueueParts['messages'] & Pick<RelayMessages, 'octets'>;
  readonly router: Pick<Router, 'routeOf'>;
  readonly hostname: string;
  readonly giveUpMs: number;
  /** Told when a notice was queued. */
  readonly queued: () => void;
  readonly log: Log;
}

/** MailError unavailable; then it is tried again by whoever has the delivery next. */
export async function notify(parts: NotifyParts, message: MessageDocument, delivery: DeliveryDocument): Promise<void> {
  const told = delivery.rcpt.filter(({ tell }) => tell !== undefined);
  const to = message.envelope.from;
  if (to === '' || told.length === 0 || message.inward.startsWith('X-Vaguemestre-Verdict: spam')) return;
  const id = noticeId(delivery._id, told);
  const date = new Date(Math.max(...told.map(({ at }) => at?.getTime() ?? 0)));
  const octets = await noticeOctets(parts, message, delivery, { id, date });
  const sizeBytes = octets.reduce((sum, one) => sum + one.length, 0);
  await enqueue(parts, [
    {
      record: {
        v: 1,
        id,
        entrance: 'notice',
        client: {},
        envelope: {
          from: '',
          smtpUtf8: message.envelope.smtpUtf8,
          eightBit: true,
          requireTls: message.envelope.requireTls,
        },
        recipients: [{ address: to, notify: ['never'], route: parts.router.routeOf(to) }],
        inward: '',
        about: { messageId: `<${id}@${parts.hostname}>` },
        sizeBytes,
        receivedMs: parts.nowMs(),
        tookMs: {},
        priority: 1,
      },
      async *octets() {
        yield* octets;
      },
    },
  ]);
  parts.log.info({ id, about: message._id, told: told.map(({ tell }) => tell) }, 'a sender is told');
  parts.queued();
}

function noticeId(delivery: string, told: readonly { readonly address: string; readonly tell?: string }[]): string {
  const digest = createHash('sha256').update(delivery);
  for (const { address, tell } of told) digest.update(`\n${tell} ${address}`);
  return `notice-${digest.digest('hex').slice(0, 24)}`;
}

async function noticeOctets(
  { messages, hostname, giveUpMs }: NotifyParts,
  message: MessageDocument,
  delivery: DeliveryDocument,
  { id, date }: { readonly id: string; readonly date: Date },
): Promise<readonly Uint8Array[]> {
  const told = delivery.rcpt.filter(({ tell }) => tell !== undefined);
  const until = new Date(message.created.getTime() + giveUpMs);
  const { host } = delivery.log.at(-1) ?? {};
  const failed = told.some(({ tell }) => tell === 'failed');
  const octets: Uint8Array[] = [];
  const quoted = await quotedHeader(messages.octets(message));
  const parts = reportOctets({
    id,
    hostname,
    date,
    to: message.envelope.from,
    words: noticeWords(told, quoted.subject, until),
    envid: message.envelope.envid,
    arrived: message.created,
    more: [`X-Vaguemestre-Queue: ${message._id}`],
    recipients: told.map(({ address, orcpt, tell, reply, at }) =>
      recipientStatus({
        address,
        orcpt,
        action: tell!,
        reply,
        at,
        remote: host,
        ...(tell === 'delayed' && { willRetryUntil: until }),
      }),
    ),
    quoted,
    whole: failed && message.envelope.ret === 'full' && message.size <= maxReturnedBytes,
    original: () => messages.octets(message),
  });
  for await (const part of parts) octets.push(part);
  return octets;
}
