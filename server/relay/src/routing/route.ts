/**
 * Where a recipient's mail goes next, as far as it is known without asking the DNS. It is decided when a message is queued;
 * names become addresses when somebody connects, so that a zone that changes counts for what waits.
 */
import type { HostHop } from '@vaguemestre/server/config/transport';

export type Route =
  /** People of the laboratory: by LMTP to the mailbox service. */
  | { readonly kind: 'mailbox' }
  | HostHop
  /** A socket of another program on this machine. */
  | { readonly kind: 'socket'; readonly path: string }
  /** What the DNS says of the domain, which is an A-label or an address literal in brackets (RFC 5321 5.1). */
  | { readonly kind: 'mx'; readonly domain: string }
  | { readonly kind: 'discard' }
  /** `550 5.1.1 text`: refused at RCPT when it is known there, else a failure that is told. */
  | { readonly kind: 'error'; readonly reply: string };

/** Recipients with one key share connections, concurrency and back-off. One text a route, the same in every process. */
export function routeKey(route: Route): string {
  switch (route.kind) {
    case 'mailbox':
    case 'discard':
      return route.kind;
    case 'host':
      return `${route.protocol}:${route.mx ? route.host : `[${route.host}]`}:${route.port}`;
    case 'socket':
      return `lmtp:${route.path}`;
    case 'mx':
      return `mx:${route.domain}`;
    case 'error':
      return `error:${route.reply}`;
    default:
      return route satisfies never;
  }
}

export interface Router {
  /** Local domains before anything else (no DNS), then the transport table, then the smart host, then the MX of the domain. */
  routeOf(address: string): Route;
  /** The domain's mail ends here: in a mailbox, or with 550 5.1.1. `address` without a domain: the laboratory's. */
  isLocal(address: string): boolean;
  /** A domain of others for which mail is taken from outside all the same (transport table, partners). */
  isRelayed(address: string): boolean;
}
