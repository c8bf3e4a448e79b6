/**
 * The push subscriptions of a person (RFC 8620 7.2): made, listed, changed and removed by whoever came in with the same credential,
 * and by nobody else. The address is the client's word until the code that is pushed there comes back.
 *
 * On failure: MailError `limit` (too many at once), `throttled` (too many one after the other), `nonexistent`, `unavailable`.
 */
import { randomBytes } from 'node:crypto';
import { newObjectId } from '../database/contents.js';
import {
  type PushSubscriptions as Collection,
  type PushKeys,
  type PushSubscriptionChange,
  type PushSubscriptionDocument,
  subscriptionIdOf,
} from '../database/push-subscriptions.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import { maxPushSubscriptions } from '../kernel/limits.js';
import type { Pusher } from './pusher.js';

export type { PushKeys, PushSubscriptionChange };

export interface PushSubscription {
  readonly id: string;
  readonly device: string;
  readonly url: string;
  readonly keys: PushKeys | null;
  readonly code: string;
  readonly verified: boolean;
  readonly types: readonly string[] | null;
  readonly expires: Date;
}

export interface NewPushSubscription {
  readonly device: string;
  readonly url: string;
  readonly keys: PushKeys | null;
  readonly types: readonly string[] | null;
  /** undefined: as long as it may be. */
  readonly expires: Date | undefined;
}

export interface PushSubscriptions {
  list(account: string, credential: string): Promise<readonly PushSubscription[]>;
  create(account: string, credential: string, subscription: NewPushSubscription): Promise<PushSubscription>;
  change(account: string, credential: string, id: string, change: PushSubscriptionChange): Promise<PushSubscription>;
  remove(account: string, credential: string, id: string): Promise<void>;
  removeAccount(account: string): Promise<void>;
}

/** A client that is still there renews in time; one that is gone is forgotten. */
const longestMs = 7 * 24 * 3600_000;
/** Each makes us send a request to an address of somebody's choice (RFC 8620 8.6). */
const madeWithinMs = 3600_000;
const madeAtMost = 40;
const codeBytes = 24;

export function createPushSubscriptions(collection: Collection, pusher: Pusher, clock: Clock): PushSubscriptions {
  const made = new Map<string, number[]>();

  function countCreation(account: string): void {
    const now = clock.monotonicMs();
    for (const [key, times] of made) if (times.at(-1)! < now - madeWithinMs) made.delete(key);
    const lately = (made.get(account) ?? []).filter((at) => at >= now - madeWithinMs);
    if (lately.length >= madeAtMost) {
      throw new MailError('throttled', 'Too many subscriptions were made lately, try again later');
    }
    made.set(account, [...lately, now]);
  }

  async function find(account: string, credential: string, id: string): Promise<PushSubscriptionDocument> {
    const found = await collection.get(account, id);
    if (found === undefined || found.credential !== credential) {
      throw new MailError('nonexistent', 'There is no such subscription');
    }
    return found;
  }

  const atMost = (expires: Date | undefined): Date => {
    const latest = clock.nowMs() + longestMs;
    return new Date(Math.min(expires?.getTime() ?? latest, latest));
  };

  return {
    async list(account, credential) {
      const all = await collection.list(account);
      const now = clock.nowMs();
      return all.filter((one) => one.credential === credential && one.expires.getTime() > now).map(shown);
    },
    async create(account, credential, { device, url, keys, types, expires }) {
      if ((await collection.list(account)).length >= maxPushSubscriptions) {
        throw new MailError('limit', `At most ${maxPushSubscriptions} subscriptions`);
      }
      countCreation(account);
      const document: PushSubscriptionDocument = {
        _id: `${account}/${newObjectId()}`,
        a: account,
        credential,
        device,
        url,
        keys,
        code: randomBytes(codeBytes).toString('base64url'),
        verified: false,
        types,
        made: new Date(clock.nowMs()),
        expires: atMost(expires),
        ...pusher.lease(),
      };
      await collection.insert(document);
      pusher.made(document);
      return shown(document);
    },
    async change(account, credential, id, change) {
      const document = await find(account, credential, id);
      const lease = pusher.lease();
      const capped = { ...change, ...(change.expires !== undefined && { expires: atMost(change.expires) }) };
      if (!(await collection.change(account, id, { ...capped, ...lease }))) {
        throw new MailError('nonexistent', 'There is no such subscription');
      }
      const next = { ...document, ...capped, ...lease };
      pusher.changed(next);
      return shown(next);
    },
    async remove(account, credential, id) {
      await find(account, credential, id);
      await collection.remove(account, id);
    },
    removeAccount: (account) => collection.removeAccount(account),
  };
}

function shown(document: PushSubscriptionDocument): PushSubscription {
  const { device, url, keys, code, verified, types, expires } = document;
  return { id: subscriptionIdOf(document), device, url, keys, code, verified, types, expires };
}
