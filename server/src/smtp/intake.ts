/**
 * A message on its way from the client to a sink. Whatever goes wrong in the sink, the client's octets are read to their end,
 * as the protocol wants, thrown away, and answered with what went wrong; past a bound the connection is cut.
 */
import { DotUnstuffing } from '../codec/smtp/dot-unstuffing.js';
import { reply, type SmtpReply } from '../codec/smtp/reply.js';
import { maxDiscardedBytes, minInputBytesPerSecond, smtpDataTimeoutMs } from '../kernel/limits.js';
import type { Connection } from '../net/connection.js';
import type { MessageSink } from './policy.js';

const chunkBytes = 64 * 1024;
/** First stretch of a message in which its rate does not count. */
const rateGraceMs = 60_000;

export interface Intake {
  /** What every recipient is answered, once something went wrong. */
  readonly failure: SmtpReply | undefined;
  /** More was sent than anybody reads: the connection must end. */
  readonly hopeless: boolean;
  write(chunk: Buffer): Promise<void> | undefined;
  fail(answer: SmtpReply): void;
  /** The sink's replies, or `failure` for all of `count`. */
  finish(count: number): Promise<readonly SmtpReply[]>;
  abort(): void;
}

export function createIntake(
  sink: MessageSink,
  maxMessageBytes: number,
  replyOfError: (error: unknown) => SmtpReply,
): Intake {
  let failure: SmtpReply | undefined;
  let bytes = 0;
  const fail = (answer: SmtpReply): void => {
    if (failure !== undefined) return;
    failure = answer;
    sink.abort();
  };
  const guarded = async (pending: Promise<void>): Promise<void> => {
    try {
      await pending;
    } catch (error) {
      fail(replyOfError(error));
    }
  };
  return {
    get failure() {
      return failure;
    },
    get hopeless() {
      return bytes > maxMessageBytes + maxDiscardedBytes;
    },
    write: (chunk) => {
      bytes += chunk.length;
      if (bytes > maxMessageBytes) fail(tooBig(maxMessageBytes));
      if (failure !== undefined) return undefined;
      try {
        const pending = sink.write(chunk);
        return pending === undefined ? undefined : guarded(pending);
      } catch (error) {
        fail(replyOfError(error));
        return undefined;
      }
    },
    fail,
    finish: async (count) => {
      if (failure === undefined) {
        try {
          return await sink.commit();
        } catch (error) {
          failure = replyOfError(error);
        }
      }
      return new Array<SmtpReply>(count).fill(failure);
    },
    abort: () => {
      if (failure === undefined) sink.abort();
    },
  };
}

/** RFC 1870 6.1 (1): more than the server takes. */
export const tooBig = (maxMessageBytes: number): SmtpReply =>
  reply(552, '5.3.4', `Message is larger than ${maxMessageBytes} octets`);

/** RFC 5321 4.1.1.4. False: the peer closed before the end, or the intake is hopeless. */
export async function takeData(connection: Connection, intake: Intake): Promise<boolean> {
  const unstuffing = new DotUnstuffing();
  const parts: Buffer[] = [];
  let began = performance.now();
  let received = 0;
  for (;;) {
    if (!connection.hasBufferedInput) {
      const atRate = began + rateGraceMs + (received * 1000) / minInputBytesPerSecond - performance.now();
      connection.setReadTimeout(Math.max(0, Math.min(smtpDataTimeoutMs, atRate)));
    }
    const chunk = await connection.readSome(chunkBytes);
    if (chunk === undefined) return false;
    received += chunk.length;
    const end = unstuffing.push(chunk, parts);
    for (const part of parts) {
      const pending = intake.write(part);
      if (pending === undefined) continue;
      const waitedFrom = performance.now();
      await pending;
      // The time that the sink took is not the peer's.
      began += performance.now() - waitedFrom;
    }
    parts.length = 0;
    if (end >= 0) {
      if (end < chunk.length) connection.unread(chunk.subarray(end));
      break;
    }
    if (intake.hopeless) return false;
  }
  if (unstuffing.smuggled) intake.fail(reply(554, '5.6.0', 'End of data written with a bare line feed'));
  return true;
}
