/**
 * Who is at the other end of a request, and whether the way there is safe. A proxy that we may believe (on this machine, or
 * in a network the configuration names) says it in X-Forwarded-For and X-Forwarded-Proto; from anybody else these mean nothing.
 */
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { isLoopback, type Networks, plainAddress } from '../../net/address.js';
import type { Peer } from '../../net/connection.js';

export interface WebPeer {
  readonly peer: Peer;
  /** The browser speaks TLS, to us or to the proxy before us. */
  readonly secure: boolean;
  /** As the browser names us: host and port. */
  readonly host: string | undefined;
}

export function webPeer(request: FastifyRequest, proxies: Networks): WebPeer {
  const { socket, headers } = request;
  const address = plainAddress(socket.remoteAddress ?? '');
  const port = socket.remotePort ?? 0;
  const encrypted = request.protocol === 'https';
  // A Unix socket has no address: only this machine's own proxy can be there.
  const unix = address === '' || isIP(address) === 0;
  const believed = unix || isLoopback(address) || proxies.has(address);
  const named = believed ? clientOf(single(headers['x-forwarded-for']), proxies) : undefined;
  if (named === undefined) {
    const local = !unix && isLoopback(address) && isLoopback(socket.localAddress ?? '');
    return { peer: { address, port, unix, local }, secure: encrypted, host: headers.host };
  }
  return {
    peer: { address: named, port: 0, unix: false, local: false },
    secure: encrypted || single(headers['x-forwarded-proto']) === 'https',
    host: single(headers['x-forwarded-host']) ?? headers.host,
  };
}

/** The last one in the list that is no proxy of ours: what stands before it, anybody may have written. */
function clientOf(list: string | undefined, proxies: Networks): string | undefined {
  if (list === undefined) return undefined;
  let client: string | undefined;
  for (const part of list.split(',').reverse()) {
    const address = plainAddress(part.trim());
    if (isIP(address) === 0) break;
    client = address;
    if (!isLoopback(address) && !proxies.has(address)) break;
  }
  return client;
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
