/**
 * Addresses that a person wrote to, for completion: what is used often and lately stands first. Kept from what goes out, not from
 * what comes in: who writes to somebody must not get into their address field by it.
 */
import type { Correspondent, CorrespondentsCollection } from '../database/correspondents.js';
import type { Clock } from '../kernel/clock.js';
import { maxCorrespondents } from '../kernel/limits.js';
import type { Log } from '../kernel/log.js';

export interface Correspondents {
  /** Best first. */
  list(account: string): Promise<readonly Correspondent[]>;
  /** Somebody wrote to these. */
  note(account: string, written: readonly { readonly address: string; readonly name: string }[]): Promise<void>;
  removeAccount(account: string): Promise<void>;
}

const dayMs = 24 * 3600 * 1000;
/** Lost races in a row before an update is given up: a ranking is not worth more. */
const attempts = 4;

export function createCorrespondents(collection: CorrespondentsCollection, clock: Clock): Correspondents {
  return {
    async list(account) {
      const { list } = await collection.get(account);
      const nowMs = clock.nowMs();
      return [...list].sort((x, y) => worth(y, nowMs) - worth(x, nowMs));
    },
    async note(account, written) {
      if (written.length === 0) return;
      for (let attempt = 0; attempt < attempts; attempt++) {
        const { list, v } = await collection.get(account);
        if (await collection.put(account, noted(list, written, new Date(clock.nowMs())), v + 1)) return;
      }
    },
    removeAccount: (account) => collection.remove(account),
  };
}

/** A use counts half after a month. */
function worth({ uses, last }: Correspondent, nowMs: number): number {
  return uses / (1 + Math.max(0, nowMs - last.getTime()) / (30 * dayMs));
}

/** To whom a message went, with the names of its header. It is on its way already: a failure is logged, and no more. */
export async function noteWritten(
  correspondents: Correspondents,
  account: string,
  named: readonly { readonly address: string; readonly name: string }[],
  recipients: readonly { readonly address: string }[],
  log: Log,
): Promise<void> {
  const names = new Map(named.map(({ name, address }) => [address.toLowerCase(), name]));
  const written = recipients.map(({ address }) => ({ address, name: names.get(address.toLowerCase()) ?? '' }));
  try {
    await correspondents.note(account, written);
  } catch (error) {
    log.warn({ err: error }, 'to whom somebody wrote could not be noted');
  }
}

export function noted(
  list: readonly Correspondent[],
  written: readonly { readonly address: string; readonly name: string }[],
  at: Date,
): readonly Correspondent[] {
  const byAddress = new Map(list.map((one) => [one.address.toLowerCase(), one]));
  for (const { address, name } of written) {
    const key = address.toLowerCase();
    const known = byAddress.get(key);
    // What was written last stands last: the front is what goes when there are too many.
    byAddress.delete(key);
    byAddress.set(key, { address, name: name || (known?.name ?? ''), uses: (known?.uses ?? 0) + 1, last: at });
  }
  return [...byAddress.values()].slice(-maxCorrespondents);
}
