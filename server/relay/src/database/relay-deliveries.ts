import type { Connection } from '@vaguemestre/server/database/connection';
import { duplicatesOf, repeating } from '@vaguemestre/server/database/failure';
import type { DeliveryDocument, DeliveryProgress, DueDelivery, Lane } from './queue-documents.js';

/**
 * The queue proper. Every step is one conditional update: of two processes that want the same step one has it, and who lost a
 * lease changes nothing. MailError unavailable from every call when the store is away.
 */
export interface RelayDeliveries {
  ensureIndexes(): Promise<void>;
  /** Repeating it is harmless, also when some of them are done already. Gives those that were there before. */
  insert(deliveries: readonly DeliveryDocument[]): Promise<ReadonlySet<string>>;
  /** Due at `now`, urgent ones first, then the oldest; none of these routes. */
  due(lane: Lane, now: Date, without: readonly string[], limit: number): Promise<readonly DueDelivery[]>;
  /** When the next of a lane will be due; undefined: nothing waits. */
  nextDue(lane: Lane): Promise<Date | undefined>;
  /** undefined: somebody else was faster. */
  take(due: DueDelivery, owner: string, leaseUntil: Date): Promise<DeliveryDocument | undefined>;
  /** False when it was taken from us meanwhile. */
  renew(taken: DeliveryDocument, leaseUntil: Date): Promise<boolean>;
  save(taken: DeliveryDocument, progress: DeliveryProgress): Promise<boolean>;
  /** What waits for this route waits until then: nobody looks at five thousand messages to a dead host. */
  postpone(route: string, now: Date, until: Date): Promise<number>;
  /** Who has something in hand. */
  owners(): Promise<readonly string[]>;
  /** What another process of this machine had in hand when it died is due now. */
  release(owner: string, now: Date): Promise<number>;
  /** Of the message, that are not through. */
  open(message: string): Promise<number>;
  ofMessages(ids: readonly string[]): Promise<readonly DeliveryDocument[]>;
  /** Waiting ones, by id of the message, oldest first. */
  waiting(limit: number): Promise<readonly DeliveryDocument[]>;
  routes(): Promise<ReadonlyMap<string, { readonly waiting: number; readonly oldest: Date }>>;
  /** For operators. `now`: try at once; `hold`: nobody tries; `drop`: it is forgotten and nobody is told. How many. */
  change(what: DeliveryQuery, change: 'now' | 'hold' | 'drop', at: Date): Promise<number>;
  /** Messages with something that waits among these. */
  messagesOf(what: DeliveryQuery): Promise<readonly string[]>;
  removeOf(messages: readonly string[]): Promise<void>;
}

export type DeliveryQuery = { readonly message: string } | { readonly route: string } | { readonly all: true };

const waitingOnly = { settled: { $exists: false } } as const;

const chosen = (what: DeliveryQuery): { readonly m?: string; readonly route?: string } =>
  'message' in what ? { m: what.message } : 'route' in what ? { route: what.route } : {};

export function relayDeliveries({ db }: Connection): RelayDeliveries {
  const collection = db.collection<DeliveryDocument>('relay_deliveries');

  return {
    ensureIndexes: () =>
      repeating(async () => {
        await collection.createIndex({ lane: 1, priority: 1, due: 1 }, { name: 'due' });
        await collection.createIndex({ route: 1, due: 1 }, { name: 'route' });
        await collection.createIndex({ m: 1 }, { name: 'message' });
        await collection.createIndex({ owner: 1 }, { name: 'owner', sparse: true });
      }),
    insert: (deliveries) =>
      repeating(async () => {
        try {
          await collection.insertMany([...deliveries], { ordered: false });
          return new Set<string>();
        } catch (error) {
          const known = duplicatesOf(error);
          if (known === undefined) throw error;
          return new Set(known.map((index) => deliveries[index]!._id));
        }
      }),
    due: (lane, now, without, limit) =>
      repeating(async () => {
        const found: DueDelivery[] = [];
        for (const priority of [0, 1, 2] as const) {
          if (found.length >= limit) break;
          const some = await collection
            .find(
              {
                lane,
                priority,
                due: { $gt: new Date(0), $lte: now },
                ...(without.length > 0 && { route: { $nin: [...without] } }),
              },
              {
                projection: { m: 1, fence: 1, route: 1, lane: 1, due: 1 },
                sort: { due: 1 },
                limit: limit - found.length,
              },
            )
            .toArray();
          found.push(...(some as unknown as DueDelivery[]));
        }
        return found;
      }),
    nextDue: (lane) =>
      repeating(async () => {
        let next: Date | undefined;
        for (const priority of [0, 1, 2] as const) {
          const [soonest] = await collection
            .find({ lane, priority, due: { $gt: new Date(0) } }, { projection: { due: 1 }, sort: { due: 1 }, limit: 1 })
            .toArray();
          if (soonest?.due !== undefined && (next === undefined || soonest.due < next)) next = soonest.due;
        }
        return next;
      }),
    take: ({ _id, fence, due }, owner, leaseUntil) =>
      repeating(async () => {
        const taken = await collection.findOneAndUpdate(
          { _id, fence, due },
          { $set: { owner, leaseUntil, due: leaseUntil }, $inc: { fence: 1 } },
          { returnDocument: 'after' },
        );
        return taken ?? undefined;
      }),
    renew: ({ _id, fence }, leaseUntil) =>
      repeating(async () => {
        const result = await collection.updateOne(
          { _id, fence, ...waitingOnly },
          { $set: { leaseUntil, due: leaseUntil } },
        );
        return result.matchedCount === 1;
      }),
    save: ({ _id, fence }, { rcpt, tries, due, warned, settled, log }) =>
      repeating(async () => {
        const set = { rcpt, tries, log, ...(due && { due }), ...(warned && { warned }), ...(settled && { settled }) };
        const left = { owner: '', leaseUntil: '' } as const;
        const unset = due === undefined ? ({ ...left, due: '' } as const) : left;
        const result = await collection.updateOne({ _id, fence }, { $set: set, $unset: unset });
        return result.matchedCount === 1;
      }),
    postpone: (route, now, until) =>
      repeating(async () => {
        const result = await collection.updateMany(
          { route, due: { $gt: new Date(0), $lte: now }, owner: { $exists: false } },
          { $set: { due: until } },
        );
        return result.modifiedCount;
      }),
    owners: () =>
      repeating(async () => {
        const taken = await collection.find({ owner: { $gt: '' } }, { projection: { owner: 1 } }).toArray();
        return [...new Set(taken.flatMap(({ owner }) => owner ?? []))];
      }),
    release: (owner, now) =>
      repeating(async () => {
        const result = await collection.updateMany(
          { owner },
          { $set: { due: now }, $unset: { owner: '', leaseUntil: '' }, $inc: { fence: 1 } },
        );
        return result.modifiedCount;
      }),
    open: (message) => repeating(() => collection.countDocuments({ m: message, ...waitingOnly })),
    ofMessages: (ids) => repeating(() => collection.find({ m: { $in: [...ids] } }, { sort: { _id: 1 } }).toArray()),
    waiting: (limit) => repeating(() => collection.find(waitingOnly, { sort: { _id: 1 }, limit }).toArray()),
    routes: () =>
      repeating(async () => {
        const found = new Map<string, { waiting: number; oldest: Date }>();
        for await (const { route, created } of collection.find(waitingOnly, { projection: { route: 1, created: 1 } })) {
          const known = found.get(route);
          if (known === undefined) found.set(route, { waiting: 1, oldest: created });
          else
            found.set(route, { waiting: known.waiting + 1, oldest: created < known.oldest ? created : known.oldest });
        }
        return found;
      }),
    change: (what, change, at) =>
      repeating(async () => {
        const which = chosen(what);
        // What somebody has in hand is left to him: he would not notice, and the message might go out.
        const filter = { ...which, ...waitingOnly, ...(change !== 'drop' && { owner: { $exists: false } }) };
        const update =
          change === 'now'
            ? { $set: { due: at }, $unset: { held: '' as const } }
            : change === 'hold'
              ? { $set: { held: 'by an operator' }, $unset: { due: '' as const } }
              : { $set: { settled: at }, $unset: { due: '' as const, owner: '' as const, leaseUntil: '' as const } };
        const result = await collection.updateMany(filter, { ...update, $inc: { fence: 1 } });
        return result.modifiedCount;
      }),
    messagesOf: (what) =>
      repeating(async () => {
        const found = await collection.find({ ...chosen(what), ...waitingOnly }, { projection: { m: 1 } }).toArray();
        return [...new Set(found.map(({ m }) => m))];
      }),
    removeOf: (messages) =>
      repeating(async () => {
        await collection.deleteMany({ m: { $in: [...messages] } });
      }),
  };
}
