/** The fold as a pure function (store design, first paragraph): entries in, state out. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AccountState, applyEntry, movedPath, stateOfRoot } from '@vaguemestre/server/mailstore/account-state';
import { Deliveries } from '@vaguemestre/server/mailstore/deliveries';
import type { Entry, Op } from '@vaguemestre/server/mailstore/log-entry';
import { newRoot } from '@vaguemestre/server/mailstore/new-account';

const root = newRoot('acc', 'fr', new Date(1_700_000_000_000));

function entry(state: AccountState, ops: readonly Op[], more: Partial<Entry> = {}): Entry {
  const n = state.n + 1;
  return {
    _id: `acc/${n}`,
    a: 'acc',
    n,
    t: new Date(n * 1000),
    w: `w${n}`,
    p: state.w,
    ops,
    after: [],
    use: state.use,
    blocks: state.blocks,
    by: 's',
    ...more,
  };
}

const pathsOf = (state: AccountState): string[] => [...state.paths.keys()].sort();

describe('the fold of an account', () => {
  it('begins as the root says, special uses in the language asked for', () => {
    const state = stateOfRoot(root);
    assert.deepEqual(pathsOf(state), ['Archives', 'Brouillons', 'Corbeille', 'Envoyés', 'INBOX', 'Indésirables']);
    assert.equal(new Set([...state.boxes.values()].map((box) => box.uv)).size, 6);
  });

  it('never changes a state it was given', () => {
    const before = stateOfRoot(root);
    const copy = structuredClone(before);
    const box = [...before.boxes.keys()][0]!;
    const totals = { id: box, un: 9, ex: 8, us: 7, fs: 6, by: 5, sl: 4 };
    const ops: Op[] = [
      { o: 'box', id: 'new', path: 'New', sub: true, uv: 1_800_000_000 },
      { o: 'kw', bit: 0, name: 'Travail' },
      { o: 'sub', path: 'Nowhere', on: true },
      { o: 'tree', from: 'Archives', to: 'Vieux' },
    ];
    const after = applyEntry(before, entry(before, ops, { after: [totals], use: 5, blocks: 1 }));
    assert.deepEqual(before, copy);
    assert.deepEqual([after.n, after.w, after.use, after.blocks, after.uv], [2, 'w2', 5, 1, 1_800_000_000]);
    assert.deepEqual([after.boxes.get(box)!.un, after.boxes.get(box)!.hm], [9, 2]);
    assert.deepEqual([after.keywords, [...after.subs]], [['Travail'], ['Nowhere']]);
    assert.ok(after.paths.has('Vieux') && !after.paths.has('Archives'));
  });

  it('keeps a subscription when its mailbox goes, and gives it back to one of that name', () => {
    let state = stateOfRoot(root);
    const trash = state.paths.get('Corbeille')!;
    state = applyEntry(state, entry(state, [{ o: 'drop', box: trash }]));
    assert.ok(state.subs.has('Corbeille') && !state.paths.has('Corbeille'));
    state = applyEntry(
      state,
      entry(state, [{ o: 'box', id: 'again', path: 'Corbeille', sub: true, uv: 1_900_000_000 }]),
    );
    assert.ok(!state.subs.has('Corbeille') && state.boxes.get('again')!.sub);
  });

  it('refuses a gap and an op it does not know', () => {
    const state = stateOfRoot(root);
    assert.throws(() => applyEntry(state, { ...entry(state, []), n: 3 }), RangeError);
    assert.throws(() => applyEntry(state, entry(state, [{ o: 'warp' } as unknown as Op])), TypeError);
  });

  it('moves whole trees and nothing beside them', () => {
    assert.equal(movedPath('a/b/c', 'a/b', 'x'), 'x/c');
    assert.equal(movedPath('a/b', 'a/b', 'x/y'), 'x/y');
    assert.equal(movedPath('a/bc', 'a/b', 'x'), undefined);
  });

  it('remembers deliveries for seven days', () => {
    const state = stateOfRoot(root);
    const id = (i: number): Uint8Array => Buffer.alloc(12, i);
    const day = 86_400;
    const tail = [1, 2, 3].map((i) => entry(state, [], { by: id(i), t: new Date(i * 3 * day * 1000) }));
    // On the eleventh day the first, of the third, is older than seven.
    const packed = new Deliveries(root, tail).packed(11 * day);
    const known = new Deliveries({ ...root, seen: packed }, []);
    assert.deepEqual(
      [1, 2, 3, 4].map((i) => known.has(id(i))),
      [false, true, true, false],
    );
    assert.equal(packed.length, 32);
  });
});
