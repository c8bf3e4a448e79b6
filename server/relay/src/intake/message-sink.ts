/**
 * One message on its way from the client into the spool. The header is held until it is whole and goes on as `header-intake.ts`
 * makes it, behind our Received field (RFC 5321 4.4); the rest streams through, a lone LF becoming CRLF. Then the stages look at it, and
 * 250 comes after it is on the disk.
 */
import { isAscii } from 'node:buffer';
import { bodyStartOf } from '@vaguemestre/server/codec/mime/header-end';
import { toBinaryString, toOctets } from '@vaguemestre/server/codec/mime/header-fields';
import { createLineEndMender } from '@vaguemestre/server/codec/mime/line-ends';
import { reply } from '@vaguemestre/server/codec/smtp/reply';
import { receivedField } from '@vaguemestre/server/codec/smtp/trace-fields';
import type { Clock } from '@vaguemestre/server/kernel/clock';
import { maxHeaderBytes } from '@vaguemestre/server/kernel/limits';
import type { Log } from '@vaguemestre/server/kernel/log';
import { SmtpRefusal } from '@vaguemestre/server/smtp/error-replies';
import { HeaderHead } from '@vaguemestre/server/smtp/header-head';
import type { MessageSink, SmtpTransaction } from '@vaguemestre/server/smtp/policy';
import type { Recipient } from '../queue/message.js';
import type { Route } from '../routing/route.js';
import { newQueueId } from '../spool/queue-id.js';
import type { Spool } from '../spool/spool.js';
import type { About, SpoolRecord } from '../spool/spool-record.js';
import type { SpooledMessage } from '../spool/spooled-message.js';
import { decide, mayRefuse, runStages } from '../stages/run-stages.js';
import type { Stage, StageMessage } from '../stages/stage.js';
import { takeHeader } from './header-intake.js';
import type { Masquerade } from './masquerade.js';

export type RoutedRecipient = Recipient & { readonly route: Route };

export interface MessageSinkParts {
  readonly spool: Spool;
  readonly stages: readonly Stage[];
  /** Takes over what is on the disk. */
  readonly accepted: (message: SpooledMessage) => void;
  readonly hostname: string;
  /** In a Message-ID that a machine did not write. */
  readonly domain: string;
  readonly authservId: string | undefined;
  readonly masquerade: Masquerade | undefined;
  readonly mode: () => 'campus' | 'direct';
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** RFC 5321 6.3: a test by number alone allows a hundred at least. */
const maxHops = 100;
/** A message that was here so often comes back for ever: a list may bring it twice, a forward once more. */
const maxOwnHops = 5;

export function createMessageSink(
  parts: MessageSinkParts,
  entrance: 'edge' | 'internal',
  transaction: SmtpTransaction<RoutedRecipient>,
  /** As it goes on. */
  from: string,
): MessageSink {
  const { spool, clock, hostname } = parts;
  const id = newQueueId(clock.nowMs());
  const writer = spool.begin(id);
  const mender = createLineEndMender();
  const head = new HeaderHead(maxHeaderBytes);
  const began = clock.monotonicMs();
  let about: About = {};
  let header: Uint8Array | undefined;
  let eightBit = false;

  const put = (octets: Uint8Array): Promise<void> | undefined => {
    eightBit ||= !isAscii(octets);
    return writer.write(octets);
  };

  const putHead = (): Promise<void> | undefined => {
    const { octets } = head;
    const taken = takeHeader(toBinaryString(octets), {
      hostname,
      authservId: parts.authservId,
      ...(entrance === 'internal' && {
        complete: {
          masquerade: parts.masquerade,
          date: new Date(clock.nowMs()),
          messageId: `${id}@${parts.domain}`,
        },
      }),
    });
    if (taken.hops > maxHops || taken.ownHops >= maxOwnHops) {
      throw new SmtpRefusal(reply(554, '5.4.6', 'The message goes round in a loop: it was here before'));
    }
    about = taken.about;
    header = Buffer.concat([
      receivedFrom(transaction, { hostname, id, date: new Date(clock.nowMs()) }),
      toOctets(taken.header),
    ]);
    return put(header);
  };

  const finish = async (): Promise<string> => {
    if (header === undefined) await putHead();
    const receivedMs = clock.monotonicMs() - began;
    const message = stageMessage();
    const looked = await runStages(parts.stages, message, parts.log, parts.signal);
    const decision = decide(looked, mayRefuse(entrance, parts.mode()));
    const tookMs = Object.fromEntries([
      ['receive', Math.round(receivedMs)],
      ...looked.map(({ stage, ms }) => [stage.name, Math.round(ms)]),
    ]);
    switch (decision.kind) {
      case 'refuse':
        throw refusalOf(decision.reply);
      case 'discard':
        writer.abort();
        parts.log.info({ id, reason: decision.reason, from }, 'a message was accepted and thrown away');
        return id;
      case 'hold':
        parts.accepted(await writer.finish(recordOf({ tookMs, inward: decision.fields, held: decision.reason })));
        return id;
      case 'deliver': {
        const verdict = `X-Vaguemestre-Verdict: ${decision.verdict}; score=${decision.score.toFixed(1)}; id=${id}\r\n`;
        parts.accepted(await writer.finish(recordOf({ tookMs, inward: verdict + decision.fields })));
        return id;
      }
      default:
        return decision satisfies never;
    }
  };

  const client = {
    helo: transaction.client.helo,
    ...(transaction.client.address !== undefined && { address: transaction.client.address }),
    ...(transaction.client.hostName !== undefined && { hostName: transaction.client.hostName }),
  };
  const envelope = () => {
    const { smtpUtf8, envid, ret, requireTls } = transaction.parameters;
    return {
      from,
      smtpUtf8,
      eightBit,
      requireTls: requireTls === true,
      ...(envid !== undefined && { envid }),
      ...(ret && { ret }),
    };
  };
  const stageMessage = (): StageMessage => ({
    id,
    entrance,
    client,
    envelope: envelope(),
    recipients: transaction.recipients,
    header: header!.subarray(0, bodyStartOf(header!) ?? header!.length),
    sizeBytes: writer.sizeBytes,
    octets: () => writer.octets(),
  });
  const recordOf = (more: Pick<SpoolRecord, 'tookMs' | 'inward' | 'held'>): SpoolRecord => ({
    v: 1,
    id,
    entrance,
    client,
    envelope: envelope(),
    recipients: transaction.recipients,
    about,
    sizeBytes: writer.sizeBytes,
    receivedMs: clock.nowMs(),
    priority: 1,
    ...more,
  });

  return {
    write(chunk) {
      const octets = mender.push(chunk);
      if (header !== undefined) return put(octets);
      if (!head.push(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength))) return undefined;
      if (!head.ended) throw new SmtpRefusal(reply(554, '5.6.0', 'The header of the message does not end'));
      return putHead();
    },
    commit: async () => [reply(250, '2.0.0', `Queued as ${await finish()}`)],
    abort: () => writer.abort(),
  };
}

function receivedFrom(
  { client, recipients }: SmtpTransaction<RoutedRecipient>,
  { hostname, id, date }: { readonly hostname: string; readonly id: string; readonly date: Date },
): Uint8Array {
  const field = receivedField({
    helo: client.helo,
    ...(client.hostName !== undefined && { hostName: client.hostName }),
    ...(client.address !== undefined && { address: client.address }),
    ...(client.tls && { tls: client.tls }),
    by: hostname,
    withProtocol: client.withProtocol,
    id,
    // RFC 5321 7.6: several would tell each other of blind copies.
    ...(recipients.length === 1 && { for: recipients[0]!.address }),
    date,
  });
  return Buffer.from(field, 'utf8');
}

/** `550 5.7.1 text`. */
export function refusalOf(text: string): SmtpRefusal {
  const [code = '550', enhanced = '5.7.1', ...words] = text.split(' ');
  return new SmtpRefusal(reply(Number(code), enhanced, words.join(' ')));
}
