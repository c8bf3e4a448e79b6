import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';

describe('Identity', () => {
  let service: JmapService;
  let anne: JmapPerson;
  let bruno: JmapPerson;
  before(async () => {
    service = await startJmapService();
    anne = await service.person({ aliases: ['directrice@labo.example'] });
    bruno = await service.person();
  });
  after(() => service.close());

  const list = async (who: JmapPerson) => (await who.call('Identity/get', { ids: null })).list;

  it('is there for each of the addresses from the beginning', async () => {
    const [main, other, ...none] = await list(anne);
    assert.deepEqual(none, []);
    const { id, ...rest } = main;
    assert.match(id, /^[A-Za-z0-9_-]+$/);
    assert.deepEqual(rest, {
      name: anne.principal.name,
      email: anne.principal.address,
      replyTo: null,
      bcc: null,
      textSignature: '',
      htmlSignature: '',
      mayDelete: false,
    });
    assert.equal(other.email, 'directrice@labo.example');
    const some = await anne.call('Identity/get', { ids: [other.id, 'nobody', id], properties: ['email'] });
    assert.deepEqual(some.list, [
      { id: other.id, email: other.email },
      { id, email: main.email },
    ]);
    assert.deepEqual(some.notFound, ['nobody']);
    assert.deepEqual((await bruno.call('Identity/get', { ids: [id] })).notFound, [id], "another person's");
    assert.equal(await anne.errorOf('Identity/get', { ids: null, properties: ['colour'] }), 'invalidArguments');
  });

  it('keeps a signature, also for an address, and says so in its state', async () => {
    const [{ id }] = await list(anne);
    const { state } = await anne.call('Identity/get', { ids: [] });
    const set = await anne.call('Identity/set', {
      update: {
        [id]: {
          textSignature: 'Anne\n',
          htmlSignature: '<b>Anne</b>',
          replyTo: [{ name: null, email: 'r@x.example' }],
        },
      },
    });
    assert.deepEqual(set.updated, { [id]: null });
    assert.notEqual(set.newState, state);
    const [now] = (await anne.call('Identity/get', { ids: [id] })).list;
    assert.equal(now.textSignature, 'Anne\n');
    assert.deepEqual(now.replyTo, [{ name: null, email: 'r@x.example' }]);
    assert.equal(now.name, anne.principal.name);
    const back = await anne.call('Identity/set', {
      update: { [id]: { replyTo: null, name: 'A. M.' } },
      ifInState: set.newState,
    });
    assert.deepEqual(back.updated, { [id]: null });
    assert.equal(await anne.errorOf('Identity/set', { update: {}, ifInState: state }), 'stateMismatch');
    assert.deepEqual((await list(bruno))[0].textSignature, '');
  });

  it('is made for own addresses only', async () => {
    const made = await anne.call('Identity/set', {
      create: {
        ok: { email: 'directrice@labo.example', name: 'La direction' },
        detail: { email: `${anne.principal.address.replace('@', '+liste@')}` },
        other: { email: bruno.principal.address },
        outside: { email: 'anne@ailleurs.example' },
        none: { name: 'x' },
        broken: { email: anne.principal.address, name: 'a\r\nBcc: all@labo.example' },
        server: { email: anne.principal.address, mayDelete: false },
      },
    });
    assert.deepEqual(Object.keys(made.created).sort(), ['detail', 'ok']);
    assert.equal(made.created.ok.mayDelete, true);
    assert.equal(made.created.ok.textSignature, '');
    assert.equal(made.created.ok.name, undefined, 'as it was given');
    const types = Object.fromEntries(
      Object.entries(made.notCreated).map(([key, one]) => [key, (one as { type: string }).type]),
    );
    assert.deepEqual(types, {
      other: 'forbiddenFrom',
      outside: 'forbiddenFrom',
      none: 'invalidProperties',
      broken: 'invalidProperties',
      server: 'invalidProperties',
    });
    assert.equal((await list(anne)).length, 4);
    const { id } = made.created.ok;
    const changed = await anne.call('Identity/set', { update: { [id]: { email: anne.principal.address } } });
    assert.equal(changed.notUpdated[id].type, 'invalidProperties');
    assert.equal((await bruno.call('Identity/set', { destroy: [id] })).notDestroyed[id].type, 'notFound');
    const gone = await anne.call('Identity/set', { destroy: [id, made.created.detail.id] });
    assert.deepEqual(gone.destroyed, [id, made.created.detail.id]);
  });

  it('of an address cannot be removed', async () => {
    const [{ id }] = await list(anne);
    const set = await anne.call('Identity/set', { destroy: [id, 'nobody'] });
    assert.equal(set.notDestroyed[id].type, 'forbidden');
    assert.equal(set.notDestroyed.nobody.type, 'notFound');
  });

  it('tells what changed since any of its states', async () => {
    const since = (sinceState: string) => anne.call('Identity/changes', { sinceState });
    const { state } = await anne.call('Identity/get', { ids: [] });
    const same = await since(state);
    assert.deepEqual([same.newState, same.created, same.updated, same.destroyed], [state, [], [], []]);
    const [{ id }] = await list(anne);
    const set = await anne.call('Identity/set', {
      create: { one: { email: anne.principal.address } },
      update: { [id]: { textSignature: 'Autre' } },
    });
    const made = set.created.one.id;
    const then = await since(state);
    assert.deepEqual([then.created, then.updated, then.destroyed], [[made], [id], []]);
    assert.equal(then.newState, set.newState);
    await anne.call('Identity/set', { destroy: [made] });
    const last = await since(set.newState);
    assert.deepEqual([last.created, last.updated, last.destroyed], [[], [], [made]]);
    assert.equal(await anne.errorOf('Identity/changes', { sinceState: 'x' }), 'cannotCalculateChanges');
    assert.equal(await anne.errorOf('Identity/changes', { sinceState: state, maxChanges: 0 }), 'invalidArguments');
    const create = Object.fromEntries(
      Array.from({ length: 45 }, (_, i) => [`i${i}`, { email: anne.principal.address }]),
    );
    const many = await anne.call('Identity/set', { create });
    assert.equal(await anne.errorOf('Identity/changes', { sinceState: state }), 'cannotCalculateChanges');
    assert.deepEqual((await since(many.newState)).updated, []);
    const rest = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`j${i}`, { email: anne.principal.address }]));
    const full = await anne.call('Identity/set', { create: rest });
    assert.equal(Object.values(full.notCreated as Record<string, { type: string }>)[0]!.type, 'overQuota');
  });
});
