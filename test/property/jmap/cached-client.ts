/**
 * A JMAP client that keeps what it was told and learns the rest by /changes and /queryChanges alone, as RFC 8620 5.2 and 5.6 tell
 * clients to. After each `sync` what it holds must be what a fresh client would get.
 */
import assert from 'node:assert/strict';
import type { Answer, Arguments, JmapPerson } from '../../harness/jmap-service.js';
import type { Chance } from '../../harness/seeded-random.js';

const kinds = ['Mailbox', 'Thread', 'Email', 'Identity', 'EmailSubmission'] as const;
type Kind = (typeof kinds)[number];

const properties: Readonly<Record<Kind, readonly string[] | null>> = {
  Mailbox: null,
  Thread: null,
  Email: ['id', 'threadId', 'mailboxIds', 'keywords', 'size', 'receivedAt'],
  Identity: null,
  EmailSubmission: null,
};

export interface CachedQuery {
  readonly kind: 'Mailbox' | 'Email' | 'EmailSubmission';
  readonly args: Arguments;
}

export class CachedClient {
  readonly #person: JmapPerson;
  readonly #chance: Chance;
  readonly #objects = new Map<Kind, { state: string; byId: Map<string, Answer> }>();
  readonly #queries: (CachedQuery & { state: string; ids: string[] })[] = [];
  /** How often a delta was asked for, and how often the answer was that it is not known. */
  readonly asked = { deltas: 0, unknown: 0 };

  constructor(person: JmapPerson, chance: Chance) {
    this.#person = person;
    this.#chance = chance;
  }

  async begin(queries: readonly CachedQuery[]): Promise<void> {
    for (const kind of kinds) this.#objects.set(kind, await this.#all(kind));
    for (const query of queries) this.#queries.push({ ...query, ...(await this.#run(query)) });
  }

  async sync(): Promise<void> {
    for (const [kind, cached] of this.#objects) {
      await this.#followChanges(kind, cached);
      const fresh = await this.#all(kind);
      assert.equal(cached.state, fresh.state, `${kind}: state`);
      assert.deepEqual(sorted(cached.byId), sorted(fresh.byId), `${kind}: objects`);
    }
    for (const query of this.#queries) {
      await this.#followQuery(query);
      const fresh = await this.#run(query);
      assert.deepEqual(query.ids, fresh.ids, `${query.kind}/queryChanges ${JSON.stringify(query.args)}`);
    }
  }

  async #call(method: string, args: Arguments): Promise<Answer> {
    const { methodResponses } = await this.#person.request([
      [method, { accountId: this.#person.accountId, ...args }, '0'],
    ]);
    const [name, answer] = methodResponses[0]!;
    if (name === 'error' && answer['type'] !== 'cannotCalculateChanges') {
      assert.fail(`${method} ${JSON.stringify(args)}: ${JSON.stringify(answer)}`);
    }
    return name === 'error' ? undefined : answer;
  }

  async #all(kind: Kind): Promise<{ state: string; byId: Map<string, Answer> }> {
    const ids = kind === 'Email' ? (await this.#call('Email/query', {})).ids : null;
    const { state, list } = await this.#call(`${kind}/get`, { ids, properties: properties[kind] });
    return { state, byId: new Map(list.map((object: Answer) => [object.id, object])) };
  }

  async #followChanges(kind: Kind, cached: { state: string; byId: Map<string, Answer> }): Promise<void> {
    for (;;) {
      // With few a step, the server has to find states in between.
      const maxChanges = this.#chance.below(2) === 0 ? null : 2 + this.#chance.below(6);
      const changes = await this.#call(`${kind}/changes`, { sinceState: cached.state, maxChanges });
      if (maxChanges === null) this.asked.deltas += 1;
      if (changes === undefined) {
        // One entry of the log with more than `maxChanges` changes: then it may be so, and how often is a matter of luck.
        if (maxChanges === null) this.asked.unknown += 1;
        Object.assign(cached, await this.#all(kind));
        return;
      }
      const { created, updated, destroyed, updatedProperties = null } = changes;
      const named = [...created, ...updated, ...destroyed];
      if (maxChanges !== null) assert.ok(named.length <= maxChanges);
      // RFC 8620 5.2: an id stands in one of the lists.
      assert.equal(new Set(named).size, named.length, `${kind}/changes`);
      for (const id of destroyed) cached.byId.delete(id);
      await this.#fetch(kind, cached.byId, created, properties[kind]);
      await this.#fetch(kind, cached.byId, updated, updatedProperties ?? properties[kind]);
      cached.state = changes.newState;
      if (!changes.hasMoreChanges) return;
    }
  }

  async #fetch(
    kind: Kind,
    byId: Map<string, Answer>,
    ids: readonly string[],
    wanted: readonly string[] | null,
  ): Promise<void> {
    if (ids.length === 0) return;
    const { list, notFound } = await this.#call(`${kind}/get`, { ids, properties: wanted });
    for (const object of list) byId.set(object.id, { ...byId.get(object.id), ...object });
    for (const id of notFound) byId.delete(id);
  }

  async #run({ kind, args }: CachedQuery): Promise<{ state: string; ids: string[] }> {
    const answer = await this.#call(`${kind}/query`, { ...args, calculateTotal: true });
    assert.equal(answer.total, answer.ids.length);
    return { state: answer.queryState, ids: answer.ids };
  }

  async #followQuery(query: CachedQuery & { state: string; ids: string[] }): Promise<void> {
    this.asked.deltas += 1;
    const delta = await this.#call(`${query.kind}/queryChanges`, {
      ...query.args,
      sinceQueryState: query.state,
      calculateTotal: true,
      // What lies behind it is of no interest to the client: it may be left out, and must be right where it is not.
      upToId: this.#chance.below(3) === 0 ? (query.ids.at(-1) ?? null) : null,
    });
    if (delta === undefined) {
      this.asked.unknown += 1;
      Object.assign(query, await this.#run(query));
      return;
    }
    const removed = new Set<string>(delta.removed);
    const ids = query.ids.filter((id) => !removed.has(id));
    let last = -1;
    for (const { id, index } of delta.added) {
      assert.ok(index > last, 'added is ascending');
      last = index;
      ids.splice(index, 0, id);
    }
    assert.equal(delta.total, ids.length, `${query.kind} ${JSON.stringify(query.args)}: total`);
    query.ids = ids;
    query.state = delta.newQueryState;
  }
}

function sorted(byId: ReadonlyMap<string, Answer>): readonly Answer[] {
  return [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}
