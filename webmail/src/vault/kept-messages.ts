/**
 * Messages that were read or fetched ahead, as long as there is room (250 MB): a message never changes, so what is kept is
 * right until the message is gone. The ones read longest ago make room for others.
 */
import type { JmapClient } from '../jmap/client.js';
import type { Use, Vault } from './vault.js';

export interface MessageKeeper<M extends { readonly id: string }> {
  get(id: string): Promise<M | undefined>;
  put(message: M): Promise<void>;
  drop(ids: readonly string[]): Promise<void>;
}

/** Of the mail that a client speaks for, where it is kept. */
export const messageKeepers = new WeakMap<JmapClient, MessageKeeper<{ readonly id: string }>>();

const maxOctets = 250_000_000;
/** Room is made for more than one at a time. */
const leftOver = 0.9;
/** Reading again soon need not be noted. */
const noteEveryMs = 3_600_000;

export function createMessageKeeper<M extends { readonly id: string }>(
  vault: Vault,
  limit = maxOctets,
  now: () => number = Date.now,
): MessageKeeper<M> {
  let octets = 0;
  const known = vault.uses().then((uses) => {
    for (const use of uses.values()) octets += use.octets;
    return new Map(uses);
  });

  async function note(changes: ReadonlyMap<string, Use | undefined>): Promise<void> {
    const uses = await known;
    for (const [id, use] of changes) {
      octets += (use?.octets ?? 0) - (uses.get(id)?.octets ?? 0);
      if (use === undefined) uses.delete(id);
      else uses.set(id, use);
    }
    await vault.noteUses(changes);
  }

  async function makeRoom(): Promise<void> {
    if (octets <= limit) return;
    const oldestFirst = [...(await known)].sort(([, one], [, other]) => one.at - other.at);
    const going = new Map<string, undefined>();
    let left = octets;
    for (const [id, use] of oldestFirst) {
      if (left <= limit * leftOver) break;
      going.set(id, undefined);
      left -= use.octets;
    }
    await note(going);
  }

  return {
    async get(id) {
      const use = (await known).get(id);
      if (use === undefined) return undefined;
      const message = await vault.get<M>('messages', id);
      if (message === undefined) await note(new Map([[id, undefined]]));
      else if (now() - use.at > noteEveryMs) await note(new Map([[id, { ...use, at: now() }]]));
      return message;
    },
    async put(message) {
      if ((await known).has(message.id)) return;
      const [size] = (await vault.put('messages', [{ name: message.id, value: message }])) ?? [];
      if (size === undefined) return;
      await note(new Map([[message.id, { octets: size, at: now() }]]));
      await makeRoom();
    },
    async drop(ids) {
      const uses = await known;
      const here = ids.filter((id) => uses.has(id));
      if (here.length > 0) await note(new Map(here.map((id) => [id, undefined])));
    },
  };
}
