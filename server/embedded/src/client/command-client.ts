/**
 * A client for processes on the same machine that know exactly what they ask: commands go out and replies come back as
 * bytes, in the protocol that drivers speak, to whom it leaves sessions, retries and everything else. Connections are opened
 * as they are needed and kept; each carries one command at a time.
 *
 * A command whose connection breaks, or cannot be had, rejects with ConnectionLost: nothing is known of its outcome.
 */
import { type Insert, isAllInserted, writeBulkInsert } from './bulk-insert.js';
import { ConnectionLost, type Fill, type Link, openLink } from './link.js';

export interface CommandClient {
  /** A whole command, `$db` in it. Resolves with the reply, whatever it says. */
  command(body: Uint8Array): Promise<Buffer>;
  /** One durable `bulkWrite`. Resolves with undefined when all are inserted, else with the reply, which says what is not. */
  insertAll(inserts: readonly Insert[], ordered: boolean): Promise<Buffer | undefined>;
  close(): void;
}

/** Commands beyond this number wait until one is answered. */
const maxLinks = 32;
const bodySection = Buffer.of(0);

export function openCommandClient(socketPath: string): CommandClient {
  const links = new Set<Link>();
  const free: Link[] = [];
  const waiting: (() => void)[] = [];
  let busy = 0;
  let closed = false;

  async function send(fill: Fill): Promise<Buffer> {
    while (busy >= maxLinks && !closed) await new Promise<void>((resolve) => waiting.push(resolve));
    if (closed) throw new ConnectionLost(new Error('the client is closed'));
    busy++;
    let link: Link | undefined;
    try {
      link = freeLink() ?? (await newLink());
      return await link.send(fill);
    } finally {
      busy--;
      if (link !== undefined) giveBack(link);
      waiting.shift()?.();
    }
  }

  function freeLink(): Link | undefined {
    for (let link = free.pop(); link !== undefined; link = free.pop()) {
      if (!link.broken) return link;
      links.delete(link);
    }
    return undefined;
  }

  async function newLink(): Promise<Link> {
    const link = await openLink(socketPath);
    links.add(link);
    return link;
  }

  function giveBack(link: Link): void {
    if (!link.broken && !closed) {
      free.push(link);
      return;
    }
    links.delete(link);
    link.close();
  }

  return {
    command: (body) => send((writer) => void writer.raw(bodySection, 0, 1).raw(body, 0, body.length)),
    async insertAll(inserts, ordered) {
      const reply = await send((writer) => writeBulkInsert(writer, inserts, ordered));
      return isAllInserted(reply, inserts.length) ? undefined : reply;
    },
    close() {
      closed = true;
      for (const link of links) link.close();
      for (const resolve of waiting.splice(0)) resolve();
    },
  };
}
