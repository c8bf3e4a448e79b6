/**
 * The deliverer (`deliverer.ts`) for every route: finds the hosts, speaks to one after the other, and gives each recipient one
 * outcome. A host that cannot be spoken to, or will not take the message now, leaves it to the next (RFC 5321 5.1); one that
 * may have taken it does not, because the next would take it again.
 *
 * It tries once and keeps nothing between attempts but idle sessions. It rejects only when `signal` was aborted.
 */
import type { Log } from '@vaguemestre/server/kernel/log';
import type { Recipient } from '../queue/message.js';
import type { HopParts } from '../routing/hops.js';
import type { Route } from '../routing/route.js';
import { stricter, type TlsLevel } from '../routing/tls-level.js';
import { reportOf, same } from './attempt-report.js';
import type { ConnectTarget } from './connect.js';
import type { Attempt, AttemptReport, Deliverer } from './deliverer.js';
import { introduce } from './introduce-client.js';
import { ownReply } from './remote-reply.js';
import {
  type HostSession,
  type Login,
  leave,
  type Opened,
  openSession,
  type SessionDemand,
  type SessionParts,
} from './session.js';
import { createSessionPool, type PoolLimits } from './session-pool.js';
import { type Problem, type Stop, stopsOf, type TlsPromise } from './stops.js';
import type { TlsFailure } from './tls-failure.js';
import { type RecipientOutcome, sendMessage, type TransactionMessage } from './transaction.js';

export interface RouteDemand {
  readonly tls: TlsLevel;
  readonly login?: Login;
}

/** For reports (RFC 8460): a session with a host of `domain` that came about, or what was wrong with its TLS. */
export interface TlsEvent {
  readonly domain: string;
  readonly host: string;
  readonly address: string;
  readonly promised: boolean;
  readonly failure: TlsFailure | undefined;
}

export interface DelivererParts extends SessionParts {
  readonly hops: HopParts;
  /** Of other people's hosts: 25. */
  readonly port: number;
  /** The mailbox service, which knows this relay by its login. */
  readonly mailboxes: { readonly target: ConnectTarget; readonly login?: Login };
  readonly demandOf: (route: Route) => RouteDemand;
  readonly promiseOf: (domain: string, signal: AbortSignal) => Promise<TlsPromise | undefined>;
  readonly tlsEvent: (event: TlsEvent) => void;
  readonly pool?: PoolLimits;
  readonly log: Log;
}

/** Hosts that are given the message in one attempt: two (RFC 5321 5.1), and one for luck. */
const maxSessions = 3;
/** Transactions that one host may ask for by taking a few recipients at a time. */
const maxTransactions = 100;

export function createDeliverer(parts: DelivererParts): Deliverer {
  const pool = createSessionPool(parts.pool);

  /** The state of one attempt. */
  interface Round {
    readonly attempt: Attempt;
    readonly outcomes: (RecipientOutcome | undefined)[];
    readonly demand: SessionDemand;
    readonly message: TransactionMessage;
    host: string | undefined;
    tls: AttemptReport['tls'];
    dsn: boolean[];
    sessions: number;
    lastReply: string | undefined;
    onlyPermanent: boolean;
  }

  /** Recipients that may still be given to somebody. */
  const openOf = (round: Round): number[] =>
    [...round.outcomes.keys()].filter((i) => {
      const outcome = round.outcomes[i];
      return outcome === undefined || (outcome.kind === 'later' && !outcome.doubt);
    });

  async function visit(round: Round, { target, domain }: Stop, promised: boolean, signal: AbortSignal): Promise<void> {
    const key = poolKey(target, round.demand);
    for (;;) {
      const kept = pool.take(key);
      const opened: Opened =
        kept === undefined ? await openSession(target, round.demand, parts, signal) : { kind: 'open', session: kept };
      if (domain !== undefined && 'host' in target && round.demand.tls !== 'none') {
        const failure = opened.kind === 'open' ? opened.session.tlsFailure : opened.tlsFailure;
        // A host that did not answer says nothing about its TLS.
        if (opened.kind === 'open' || failure !== undefined) {
          parts.tlsEvent({ domain, host: target.host, address: target.address, promised, failure });
        }
      }
      if (opened.kind === 'unusable') {
        round.host = 'path' in target ? target.path : `${target.host} [${target.address}]`;
        round.lastReply = opened.reply;
        round.onlyPermanent &&= opened.permanent;
        return;
      }
      const { session } = opened;
      round.host = session.host;
      round.tls = session.tls;
      if (kept === undefined) round.sessions++;
      const stale = await converse(round, session, key, signal);
      // What a host closed meanwhile says nothing about the message; a fresh session does.
      if (!stale || kept === undefined) return;
    }
  }

  /** True: the session was dead already. */
  async function converse(round: Round, session: HostSession, key: string, signal: AbortSignal): Promise<boolean> {
    const stop = (): void => session.connection.destroy('aborted');
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (round.attempt.route.kind === 'mailbox') {
        const alive = await introduce(session, round.attempt.client, parts);
        if (!alive) return session.uses > 0;
      }
      for (let i = 0; i < maxTransactions; i++) {
        const open = openOf(round);
        if (open.length === 0) break;
        const result = await sendMessage(session, partOf(round.message, open), parts.timeouts);
        if (result.stale && session.uses > 1 && i === 0) return true;
        let gained = false;
        let more = false;
        for (const [at, index] of open.entries()) {
          const outcome = result.outcomes[at]!;
          round.outcomes[index] = outcome;
          round.dsn[index] = session.extensions.dsn;
          if (outcome.kind === 'later' && outcome.why === 'tooMany') more = true;
          else gained = true;
        }
        if (!result.reusable) {
          leave(session.connection);
          return false;
        }
        if (!more || !gained) break;
      }
      pool.give(key, session);
      return false;
    } catch (error) {
      session.connection.destroy('failed');
      signal.throwIfAborted();
      // Our side: the content cannot be read. The message waits, and whoever runs the relay hears of it.
      parts.log.error({ err: error, delivery: round.attempt.id }, 'a message could not be sent');
      const reply = ownReply('4.3.0', 'the message cannot be read at the moment');
      for (const i of openOf(round)) round.outcomes[i] = { kind: 'later', reply, doubt: false, why: 'host' };
      round.sessions = maxSessions;
      return false;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async function run(
    round: Round,
    stops: AsyncGenerator<Stop, Problem | undefined, void>,
    promised: boolean,
    signal: AbortSignal,
  ) {
    let step = await stops.next();
    while (step.done !== true) {
      await visit(round, step.value, promised, signal);
      signal.throwIfAborted();
      if (openOf(round).length === 0 || round.sessions >= maxSessions) break;
      step = await stops.next();
    }
    await stops.return(undefined);
    return step.done === true ? step.value : undefined;
  }

  async function deliver(attempt: Attempt, signal: AbortSignal): Promise<AttemptReport> {
    signal.throwIfAborted();
    const { route } = attempt;
    if (route.kind === 'discard') return same(attempt, { kind: 'delivered', reply: '250 2.0.0 discarded', dsn: false });
    if (route.kind === 'error') return same(attempt, { kind: 'failed', reply: route.reply });
    const promise = route.kind === 'mx' ? await parts.promiseOf(route.domain, signal) : undefined;
    if (attempt.envelope.requireTls && route.kind === 'mx' && promise?.enforced !== true) {
      // RFC 8689 4.2.1: the names of the hosts must be proved as well, by a policy (or DNSSEC, which is not seen here).
      const text = `The sender requires TLS all the way, and ${route.domain} does not prove the names of its hosts (no MTA-STS)`;
      return same(attempt, { kind: 'failed', reply: `550 5.7.30 ${text}` });
    }
    const round: Round = {
      attempt,
      outcomes: new Array<RecipientOutcome | undefined>(attempt.recipients.length),
      demand: demandFor(attempt, promise, parts),
      message: messageFor(attempt),
      host: undefined,
      tls: undefined,
      dsn: [],
      sessions: 0,
      lastReply: undefined,
      onlyPermanent: true,
    };
    const problem = await run(round, stopsOf(route, promise, parts, signal), promise !== undefined, signal);
    return reportOf(round.outcomes, round, problem);
  }

  return {
    deliver,
    close: () => {
      pool.close();
      return Promise.resolve();
    },
  };
}

function demandFor(
  { route, envelope }: Attempt,
  promise: TlsPromise | undefined,
  parts: DelivererParts,
): SessionDemand {
  if (route.kind === 'mailbox') {
    const { login } = parts.mailboxes;
    return { protocol: 'lmtp', tls: 'may', ...(login && { login }) };
  }
  const { tls, login } = parts.demandOf(route);
  const proven = envelope.requireTls || promise?.enforced === true;
  return {
    protocol: route.kind === 'socket' || (route.kind === 'host' && route.protocol === 'lmtp') ? 'lmtp' : 'smtp',
    tls: route.kind === 'socket' ? 'none' : proven ? stricter(tls, 'verify') : tls,
    ...(login && { login }),
  };
}

/** Towards the mailbox service ENVID is the delivery, by which it knows a second try; its hop ends what the sender required. */
function messageFor({ id, route, envelope, recipients, body }: Attempt): TransactionMessage {
  if (route.kind !== 'mailbox') return { envelope, recipients, body };
  return { envelope: { ...envelope, envid: id, requireTls: false }, recipients, body };
}

function partOf(message: TransactionMessage, indexes: readonly number[]): TransactionMessage {
  if (indexes.length === message.recipients.length) return message;
  return { ...message, recipients: indexes.map((i): Recipient => message.recipients[i]!) };
}

/** Sessions that may stand for each other. */
const poolKey = (target: ConnectTarget, { protocol, tls, login }: SessionDemand): string =>
  JSON.stringify([
    protocol,
    'path' in target ? target.path : [target.host, target.address, target.port],
    tls,
    login?.user ?? '',
  ]);
