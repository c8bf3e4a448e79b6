/**
 * Push by event stream (RFC 8620 7.3): `state` events with a StateChange, `ping` events when asked for. The id of an event is the
 * state of everything that is watched, so that a client that comes back with Last-Event-ID hears at once if it missed anything.
 *
 * Changes are gathered for a moment and only the newest states are told: a client that reads slowly costs no memory. The stream
 * ends when the session does, and when the application closes.
 */

import { createHash } from 'node:crypto';
import type { TypeState } from '@vaguemestre/shared/jmap/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MailError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import type { Account } from '../../mailstore/account.js';
import { movedStates, type PushSource, stateChange, statesOf } from '../../push/push-source.js';
import { securityHeaders } from '../security-headers.js';

export interface StreamOrder {
  /** undefined: every type. */
  readonly types: ReadonlySet<string> | undefined;
  readonly closeAfterState: boolean;
  /** undefined: no pings. */
  readonly pingSeconds: number | undefined;
  readonly lastEventId: string | undefined;
}

/** RFC 8620 7.3: the minimum at most 30, the maximum at least 300. */
const minPingSeconds = 1;
const maxPingSeconds = 900;
/** A burst of deliveries is one event: far below what a person notices. */
const gatherMs = 50;
/** A comment so often, so that a peer that is gone is noticed though nobody asked for pings. */
const keepaliveMs = 120_000;

/** MailError invalid. */
export function readStreamOrder(request: FastifyRequest): StreamOrder {
  const query = request.query as Readonly<Record<string, unknown>>;
  const types = query['types'] ?? '*';
  const closeAfter = query['closeafter'] ?? 'no';
  const ping = query['ping'] ?? '0';
  if (typeof types !== 'string' || types === '')
    throw new MailError('invalid', 'types must be * or a list of type names');
  if (closeAfter !== 'state' && closeAfter !== 'no') throw new MailError('invalid', 'closeafter must be state or no');
  if (typeof ping !== 'string' || !/^\d{1,9}$/.test(ping))
    throw new MailError('invalid', 'ping must be a number of seconds');
  const pingSeconds = Number(ping);
  const lastEventId = request.headers['last-event-id'];
  return {
    types: types === '*' ? undefined : new Set(types.split(',').slice(0, 100)),
    closeAfterState: closeAfter === 'state',
    pingSeconds: pingSeconds === 0 ? undefined : Math.min(Math.max(pingSeconds, minPingSeconds), maxPingSeconds),
    lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined,
  };
}

export interface StreamContext {
  readonly account: Account;
  readonly sources: readonly PushSource[];
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Resolves when the stream has ended. */
export async function streamChanges(reply: FastifyReply, order: StreamOrder, context: StreamContext): Promise<void> {
  const { account, signal, log } = context;
  const sources = context.sources.filter(({ types }) => types.some((type) => order.types?.has(type) ?? true));
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    // The application's hook does not see an answer that is written by hand.
    ...securityHeaders,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Proxies that gather answers would keep events back.
    'x-accel-buffering': 'no',
  });
  raw.write(': at your service\n\n');

  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const stops: (() => void)[] = [];
  let told: TypeState | undefined;
  let gathering: NodeJS.Timeout | undefined;
  let pinging: NodeJS.Timeout | undefined;
  let telling = false;
  let again = false;

  function send(event: string): void {
    raw.write(event);
    pinging?.refresh();
  }

  async function tell(): Promise<void> {
    // One at a time, and none while the client does not read: what comes meanwhile is told with the next.
    if (telling || raw.writableNeedDrain) {
      again = true;
      return;
    }
    telling = true;
    try {
      do {
        again = false;
        const now = await statesOf(account, sources, order.types);
        if (raw.destroyed || raw.writableEnded) return;
        const moved = movedStates(told, now);
        told = now;
        if (Object.keys(moved).length === 0) continue;
        send(stateEvent(account, moved, eventId(now)));
        if (order.closeAfterState) return end();
      } while (again && !raw.writableNeedDrain);
    } catch (error) {
      log.warn({ err: error }, 'an event stream cannot tell what changed');
      end();
    } finally {
      telling = false;
    }
  }

  function changed(): void {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      void tell();
    }, gatherMs);
  }

  try {
    for (const source of sources) stops.push(source.watch(account, changed));
    raw.once('close', end);
    raw.on('drain', () => {
      if (again) void tell();
    });
    signal.addEventListener('abort', () => end(), { once: true });
    if (signal.aborted || raw.destroyed) return;
    told = await statesOf(account, sources, order.types);
    if (order.lastEventId !== eventId(told) && (order.lastEventId !== undefined || !order.closeAfterState)) {
      send(stateEvent(account, told, eventId(told)));
      if (order.closeAfterState && order.lastEventId !== undefined) return;
    }
    pinging = startPings(order, raw, send);
    await ended;
  } finally {
    for (const stop of stops) stop();
    clearTimeout(gathering);
    clearInterval(pinging);
    raw.end();
  }
}

function startPings(order: StreamOrder, raw: FastifyReply['raw'], send: (event: string) => void): NodeJS.Timeout {
  const { pingSeconds } = order;
  if (pingSeconds === undefined) return setInterval(() => raw.write(':\n\n'), keepaliveMs);
  // RFC 8620 7.3: without an id.
  const ping = `event: ping\ndata: ${JSON.stringify({ interval: pingSeconds })}\n\n`;
  return setInterval(() => send(ping), pingSeconds * 1000);
}

function stateEvent(account: Account, changed: TypeState, id: string): string {
  return `event: state\nid: ${id}\ndata: ${JSON.stringify(stateChange(account.id, changed))}\n\n`;
}

/** RFC 8620 7.3: stands for all states; short, and without a character that a header cannot carry. */
function eventId(states: TypeState): string {
  return createHash('sha256').update(JSON.stringify(states)).digest('base64url').slice(0, 22);
}
