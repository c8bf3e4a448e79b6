/**
 * Takes a message of the outbox into the queue. The outbox lies in the store, and so does the queue: no spool between them. The id
 * follows from the submission's, and so do the octets, so that taking it twice is taking it once. What is known to fail is said at once,
 * the rest is told by notices: from here on the relay answers to the sender.
 */
import { isAscii } from 'node:buffer';
import { toBinaryString, toOctets } from '@vaguemestre/server/codec/mime/header-fields';
import { receivedField } from '@vaguemestre/server/codec/smtp/trace-fields';
import { maxHeaderBytes } from '@vaguemestre/server/kernel/limits';
import type { Log } from '@vaguemestre/server/kernel/log';
import type { Deliver, OutgoingMessage, RecipientOutcome } from '@vaguemestre/server/outbox/deliver';
import { HeaderHead } from '@vaguemestre/server/smtp/header-head';
import { type EnqueueParts, enqueue } from '../queue/enqueue.js';
import type { Router } from '../routing/route.js';
import type { SpoolRecord } from '../spool/spool-record.js';
import { decide, runStages } from '../stages/run-stages.js';
import type { Stage } from '../stages/stage.js';
import { takeHeader } from './header-intake.js';
import type { LocalRecipients } from './local-recipient.js';
import type { RoutedRecipient } from './message-sink.js';

export interface TakeOutgoingParts extends EnqueueParts {
  readonly router: Router;
  readonly recipients: LocalRecipients;
  readonly stages: readonly Stage[];
  readonly hostname: string;
  /** Told when something was queued. */
  readonly queued: () => void;
  readonly log: Log;
}

export function takeOutgoing(parts: TakeOutgoingParts): Deliver {
  return async (message, signal) => {
    const places = await Promise.all(message.recipients.map((recipient) => placeOf(parts, recipient)));
    const routed = places.filter((place): place is RoutedRecipient => !('kind' in place));
    if (routed.length === 0) return places.map((place) => place as RecipientOutcome);
    const id = `out-${message.id}`;
    const seen = await inspect(parts, message);
    const looked = await runStages(
      parts.stages,
      {
        id,
        entrance: 'outbox',
        client: {},
        envelope: envelopeOf(message, seen.eightBit),
        recipients: routed,
        header: seen.header,
        sizeBytes: seen.sizeBytes,
        octets: () => seen.octets(),
      },
      parts.log,
      signal,
    );
    const decision = decide(looked, true);
    if (decision.kind === 'refuse') {
      return places.map((place) => ('kind' in place ? place : { kind: 'failed', reply: decision.reply }));
    }
    if (decision.kind !== 'discard') {
      const record: SpoolRecord = {
        v: 1,
        id,
        entrance: 'outbox',
        client: {},
        envelope: envelopeOf(message, seen.eightBit),
        recipients: routed,
        inward:
          decision.kind === 'deliver'
            ? `X-Vaguemestre-Verdict: ${decision.verdict}; score=${decision.score.toFixed(1)}; id=${id}\r\n${decision.fields}`
            : decision.fields,
        about: seen.about,
        sizeBytes: seen.sizeBytes,
        receivedMs: parts.nowMs(),
        tookMs: Object.fromEntries(looked.map(({ stage, ms }) => [stage.name, Math.round(ms)])),
        // Somebody looks at the screen.
        priority: 0,
        ...(decision.kind === 'hold' && { held: decision.reason }),
      };
      await enqueue(parts, [{ record, octets: () => seen.octets(), account: message.account }]);
      parts.queued();
    }
    return places.map((place) =>
      'kind' in place ? place : { kind: 'sent', reply: `250 2.0.0 Queued as ${id}`, relayed: true },
    );
  };
}

async function placeOf(
  { router, recipients }: TakeOutgoingParts,
  { address, orcpt, notify }: OutgoingMessage['recipients'][number],
): Promise<RoutedRecipient | RecipientOutcome> {
  const wishes = { ...(orcpt !== undefined && { orcpt }), ...(notify && { notify }) };
  if (router.isLocal(address)) {
    const found = await recipients.find(address);
    if (found === undefined) return { kind: 'failed', reply: '550 5.1.1 No such person here' };
    return { ...found, ...wishes, route: { kind: 'mailbox' } };
  }
  const route = router.routeOf(address);
  if (route.kind === 'error' && route.reply.startsWith('5')) return { kind: 'failed', reply: route.reply };
  return { address, ...wishes, route };
}

function envelopeOf({ from, recipients, envid, ret }: OutgoingMessage, eightBit: boolean): SpoolRecord['envelope'] {
  const smtpUtf8 = !isAscii(Buffer.from(`${from}${recipients.map(({ address }) => address).join('')}`));
  return {
    from,
    smtpUtf8,
    eightBit,
    requireTls: false,
    ...(envid !== undefined && { envid }),
    ...(ret && { ret }),
  };
}

interface Inspected {
  readonly sizeBytes: number;
  readonly eightBit: boolean;
  readonly header: Uint8Array;
  readonly about: SpoolRecord['about'];
  octets(): AsyncIterable<Uint8Array>;
}

async function inspect({ hostname }: TakeOutgoingParts, message: OutgoingMessage): Promise<Inspected> {
  const received = Buffer.from(
    receivedField({ helo: hostname, by: hostname, withProtocol: message.via, id: message.id, date: message.created }),
    'utf8',
  );
  const head = new HeaderHead(maxHeaderBytes);
  let sizeBytes = received.length;
  let eightBit = false;
  let whole = false;
  for await (const octets of message.octets) {
    sizeBytes += octets.length;
    eightBit ||= !isAscii(octets);
    if (!whole) whole = head.push(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength));
  }
  const { header, about } = takeHeader(toBinaryString(head.octets), { hostname, authservId: undefined });
  return {
    sizeBytes,
    eightBit,
    header: toOctets(header),
    about,
    async *octets() {
      yield received;
      yield* message.octets;
    },
  };
}
