/** The places that an attempt may go to, in order: one where the route names it, the hosts of a domain where it does not. */
import { type HopParts, type Hops, hostHops, mxHops } from '../routing/hops.js';
import type { Route } from '../routing/route.js';
import type { ConnectTarget } from './connect.js';

/** What a domain promises of TLS (RFC 8461); `undefined`: nothing. */
export interface TlsPromise {
  readonly enforced: boolean;
  readonly accepts: (host: string) => boolean;
}

/** `domain`: whose MX it is. */
export type Stop = { readonly target: ConnectTarget; readonly domain: string | undefined };

export interface StopParts {
  readonly hops: HopParts;
  /** Of other people's hosts. */
  readonly port: number;
  readonly mailboxes: { readonly target: ConnectTarget };
}

/** Why there is no host to go to. */
export type Problem = { readonly kind: 'failed' | 'later'; readonly enhanced: string; readonly text: string };

export async function* stopsOf(
  route: Route,
  promise: TlsPromise | undefined,
  parts: StopParts,
  signal: AbortSignal,
): AsyncGenerator<Stop, Problem | undefined, void> {
  if (route.kind === 'mailbox') yield { target: parts.mailboxes.target, domain: undefined };
  else if (route.kind === 'socket') yield { target: { path: route.path }, domain: undefined };
  else {
    const domain = route.kind === 'mx' ? route.domain : undefined;
    return yield* stopsAt(hopsOfRoute(route, promise, parts, signal), domain);
  }
  return undefined;
}

/** The hosts of a route that leads to hosts. */
export async function* hopsOfRoute(
  route: Route,
  promise: TlsPromise | undefined,
  { hops, port }: Pick<StopParts, 'hops' | 'port'>,
  signal: AbortSignal,
): Hops {
  if (route.kind === 'host') {
    const find = route.mx ? mxHops : hostHops;
    return yield* find(route.host, route.port, hops, signal);
  }
  if (route.kind !== 'mx') return undefined;
  const accepts = promise?.enforced === true ? promise.accepts : undefined;
  return yield* mxHops(route.domain, port, hops, signal, accepts);
}

async function* stopsAt(hops: Hops, domain: string | undefined): AsyncGenerator<Stop, Problem | undefined, void> {
  let step = await hops.next();
  while (step.done !== true) {
    yield { target: step.value, domain };
    step = await hops.next();
  }
  return step.value;
}
