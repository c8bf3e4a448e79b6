/**
 * What an operator asks of the relay and tells it, on the command line and over HTTP alike. The relay's package gives it; it works on the
 * queue in the store, whether a relay runs or not.
 */
export type RelayMode = 'campus' | 'direct';

export interface ModeInForce {
  readonly mode: RelayMode;
  /** By the settings, or by somebody. */
  readonly by: string;
  readonly at?: Date;
  /** When the settings count again. */
  readonly until?: Date;
}

export interface TracedRecipient {
  readonly address: string;
  /** `waiting`, `held`, `delivered`, `failed`. */
  readonly state: string;
  readonly reply?: string;
  readonly at?: Date;
}

export interface TracedTry {
  readonly at: Date;
  readonly host?: string;
  readonly reply: string;
  readonly tls?: string;
  readonly ms: number;
}

export interface TracedDelivery {
  readonly route: string;
  readonly recipients: readonly TracedRecipient[];
  readonly tries: number;
  readonly due?: Date;
  readonly held?: string;
  readonly log: readonly TracedTry[];
}

export interface TracedMessage {
  readonly id: string;
  readonly entrance: string;
  readonly received: Date;
  /** Empty for `<>`. */
  readonly from: string;
  readonly subject?: string;
  readonly messageId?: string;
  readonly sizeBytes: number;
  readonly client?: string;
  /** Earlier hops, oldest first. */
  readonly hops: readonly Date[];
  /** How long each step took here, in milliseconds. */
  readonly tookMs: Readonly<Record<string, number>>;
  readonly deliveries: readonly TracedDelivery[];
}

/** All that are given have to fit. */
export interface TraceQuery {
  readonly id?: string;
  readonly sender?: string;
  readonly recipient?: string;
  readonly subject?: string;
  readonly messageId?: string;
  readonly since?: Date;
}

export interface WaitingRoute {
  readonly route: string;
  readonly waiting: number;
  readonly oldest: Date;
}

export type QueueQuery = { readonly message: string } | { readonly route: string } | { readonly all: true };

export interface RelayDesk {
  /** What waits, oldest first. */
  queue(
    limit: number,
  ): Promise<{ readonly messages: readonly TracedMessage[]; readonly routes: readonly WaitingRoute[] }>;
  /** `now`: tried at once, what was held too; `hold`: nobody tries it; `drop`: forgotten, and nobody is told. How many deliveries. */
  change(what: QueueQuery, change: 'now' | 'hold' | 'drop'): Promise<number>;
  /** Newest first. */
  trace(query: TraceQuery, limit: number): Promise<readonly TracedMessage[]>;
  mode(): Promise<ModeInForce>;
  /** Every relay on this store follows within seconds. */
  setMode(mode: RelayMode, by: string, until?: Date): Promise<void>;
}
