/**
 * What the queue keeps. A message is one document (`relay_messages`), with its first octets in it and the rest in
 * `relay_pieces`. A delivery is the message and the recipients that share a route (`relay_deliveries`): all that happens to it is one
 * conditional update of one document, under a fence that counts the takings (as in the outbox).
 *
 * Inserted in this order: pieces, message, deliveries; a delivery never names what is not there. All ids follow from the message's,
 * so inserting twice is inserting once, also when some deliveries are through already: they are kept for as long as the trace.
 */
import type { Binary } from 'mongodb';
import type { Client, Envelope, Recipient } from '../queue/message.js';
import type { Route } from '../routing/route.js';
import type { About, Entrance } from '../spool/spool-record.js';

export interface MessageDocument {
  readonly _id: string;
  readonly created: Date;
  readonly entrance: Entrance;
  readonly client: Client;
  readonly envelope: Envelope;
  /** Header fields for people of the laboratory alone. */
  readonly inward: string;
  readonly about: About;
  readonly size: number;
  readonly tookMs: Readonly<Record<string, number>>;
  readonly priority: 0 | 1 | 2;
  /** Addresses of all recipients, in lower case, for the trace. */
  readonly to: readonly string[];
  /** The first octets; gone when nobody needs them any more. */
  readonly head?: Binary;
  /** How many pieces follow. */
  readonly pieces: number;
  readonly held?: string;
  /** Who handed it in here, for his own trace. */
  readonly account?: string;
  /** When the last of its deliveries was through. */
  readonly settled?: Date;
}

export interface PieceDocument {
  /** `message/n`, from 1. */
  readonly _id: string;
  readonly data: Binary;
}

export type RecipientState = 'open' | 'delivered' | 'failed';

export interface DeliveryRecipient extends Recipient {
  readonly state: RecipientState;
  /** The last reply, one line. */
  readonly reply?: string;
  readonly at?: Date;
  /** What the sender has still to be told. */
  readonly tell?: 'failed' | 'delayed' | 'delivered' | 'relayed';
}

/** One try, as it is remembered. */
export interface Try {
  readonly at: Date;
  readonly host?: string;
  readonly reply: string;
  readonly tls?: string;
  readonly ms: number;
}

/** `in`: to mailboxes. Each lane has its own workers: a world that does not answer delays nobody inside. */
export type Lane = 'in' | 'out';

export interface DeliveryDocument {
  /** `message/n`. */
  readonly _id: string;
  readonly m: string;
  readonly lane: Lane;
  readonly route: string;
  readonly hop: Route;
  readonly rcpt: readonly DeliveryRecipient[];
  readonly priority: 0 | 1 | 2;
  readonly created: Date;
  /** When somebody looks at it next: now, the next try, the end of a lease. Absent: nothing is left to do, or it is held. */
  readonly due?: Date;
  readonly tries: number;
  readonly fence: number;
  readonly owner?: string;
  readonly leaseUntil?: Date;
  /** The sender was told that it waits, or nobody is to be. */
  readonly warned?: true;
  readonly held?: string;
  /** The last ones. */
  readonly log: readonly Try[];
  readonly settled?: Date;
}

export type DueDelivery = Pick<DeliveryDocument, '_id' | 'm' | 'fence' | 'route' | 'lane'> & { readonly due: Date };

/** What changes when a worker is through with it. Given as undefined: removed. */
export interface DeliveryProgress {
  readonly rcpt: readonly DeliveryRecipient[];
  readonly tries: number;
  readonly due: Date | undefined;
  readonly warned: true | undefined;
  readonly settled: Date | undefined;
  readonly log: readonly Try[];
}

export const pieceBytes = 256 * 1024;
export const keptTries = 10;
