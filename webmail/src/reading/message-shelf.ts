/**
 * Messages that were opened, and those that are likely to be next. A message never changes, so what is here is right as long
 * as it is here; the ones used longest ago go when the shelf is full. Fetching ahead stops where it would cost the reader:
 * large messages, and links that are paid by the byte.
 */
import type { JmapClient } from '../jmap/client.js';
import { type MessageKeeper, messageKeepers } from '../vault/kept-messages.js';
import { messageArguments, type OpenMessage } from './open-message.js';

export interface MessageShelf {
  /** At once, if it is here. */
  peek(id: string): OpenMessage | undefined;
  /** Rejects with a JmapFailure; undefined when the message is gone. */
  fetch(id: string): Promise<OpenMessage | undefined>;
  /** Likely to be opened next, likeliest first; nothing is said when it fails. */
  fetchAhead(messages: readonly { readonly id: string; readonly size: number }[]): void;
}

const maxLength = 20_000_000;
const maxAheadSize = 2_000_000;

export function createMessageShelf(client: JmapClient): MessageShelf {
  const kept = new Map<string, OpenMessage>();
  const coming = new Map<string, Promise<OpenMessage | undefined>>();
  let length = 0;

  const lengthOf = (message: OpenMessage): number =>
    Object.values(message.bodyValues).reduce((sum, { value }) => sum + value.length, 1_000);

  function keep(message: OpenMessage): void {
    if (kept.has(message.id)) return;
    kept.set(message.id, message);
    length += lengthOf(message);
    for (const [id, old] of kept) {
      if (length <= maxLength || id === message.id) break;
      kept.delete(id);
      length -= lengthOf(old);
    }
  }

  function fetch(id: string): Promise<OpenMessage | undefined> {
    const here = peek(id);
    if (here) return Promise.resolve(here);
    const known = coming.get(id);
    if (known !== undefined) return known;
    const asked = find(id).finally(() => coming.delete(id));
    coming.set(id, asked);
    return asked;
  }

  async function find(id: string): Promise<OpenMessage | undefined> {
    const keeper = messageKeepers.get(client) as MessageKeeper<OpenMessage> | undefined;
    const kept = await keeper?.get(id);
    if (kept !== undefined) {
      keep(kept);
      return kept;
    }
    const { list } = await client.call('Email/get', { ids: [id], ...messageArguments }).result;
    const message = list[0] as OpenMessage | undefined;
    if (message) {
      keep(message);
      void keeper?.put(message);
    }
    return message;
  }

  function peek(id: string): OpenMessage | undefined {
    const message = kept.get(id);
    if (message) {
      kept.delete(id);
      kept.set(id, message);
    }
    return message;
  }

  return {
    peek,
    fetch,
    fetchAhead: (messages) => {
      if (savesData()) return;
      let left = maxAheadSize;
      for (const { id, size } of messages) {
        if (size > left || kept.has(id)) continue;
        left -= size;
        fetch(id).catch(() => {});
      }
    },
  };
}

export function savesData(): boolean {
  const { connection } = navigator as Navigator & { readonly connection?: { readonly saveData?: boolean } };
  return connection?.saveData === true;
}

const shelves = new WeakMap<JmapClient, MessageShelf>();

/** One for the page: what was read, or fetched ahead, is there whoever asks. */
export function shelfOf(client: JmapClient): MessageShelf {
  const shelf = shelves.get(client) ?? createMessageShelf(client);
  shelves.set(client, shelf);
  return shelf;
}
