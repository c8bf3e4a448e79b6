import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SubmissionMark, submissionChanges, submissionState } from '@vaguemestre/server/outbox/submission-state';
import fc from 'fast-check';

/** One thing that happens to the submissions of a person, and how long after the last. */
const step = fc.record({
  waitMs: fc.oneof(fc.nat(3), fc.nat(70_000)),
  does: fc.constantFrom('create' as const, 'create' as const, 'change' as const, 'destroy' as const),
  which: fc.nat(),
});

describe('states of submissions', () => {
  it('give exactly what differs between any two moments', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), fc.nat(), (steps, pick) => {
        let nowMs = 1_800_000_000_000;
        let serial = 0;
        let marks: SubmissionMark[] = [];
        const moments: SubmissionMark[][] = [[]];
        for (const { waitMs, does, which } of steps) {
          nowMs += waitMs;
          const alive = marks.filter((one) => !one.destroyed);
          const target = alive[which % Math.max(1, alive.length)];
          if (does === 'create' || target === undefined) {
            const id = (++serial).toString(16).padStart(24, '0');
            marks = [...marks, { id, version: 0, createdMs: nowMs, changedMs: nowMs, destroyed: false }];
          } else {
            const next = { ...target, version: target.version + 1, changedMs: nowMs, destroyed: does === 'destroy' };
            marks = marks.map((one) => (one === target ? next : one));
          }
          moments.push(marks);
        }
        const from = pick % moments.length;
        const changes = submissionChanges(submissionState(moments[from]!), marks, 0);
        assert.ok(changes);
        const before = new Map(moments[from]!.filter((one) => !one.destroyed).map((one) => [one.id, one.version]));
        const after = new Map(marks.filter((one) => !one.destroyed).map((one) => [one.id, one.version]));
        const sorted = (ids: Iterable<string>) => [...ids].sort();
        assert.deepEqual(sorted(changes.created), sorted([...after.keys()].filter((id) => !before.has(id))));
        assert.deepEqual(sorted(changes.destroyed), sorted([...before.keys()].filter((id) => !after.has(id))));
        const updated = [...after].filter(([id, version]) => before.has(id) && before.get(id) !== version);
        assert.deepEqual(sorted(changes.updated), sorted(updated.map(([id]) => id)));
      }),
    );
  });

  it('lose nothing when more changed in a minute than a state names', () => {
    const many = Array.from({ length: 80 }, (_, i): SubmissionMark => {
      const id = i.toString(16).padStart(24, '0');
      return { id, version: 0, createdMs: 1_000_000 + i, changedMs: 1_000_000 + i, destroyed: false };
    });
    const state = submissionState(many);
    assert.ok(state.length < 2_000);
    const next = many.map((one, i) => (i === 5 ? { ...one, version: 1, changedMs: 1_000_100, destroyed: true } : one));
    const changes = submissionChanges(state, next, 0)!;
    assert.equal(changes.created.length + changes.updated.length, 79);
    assert.deepEqual(changes.destroyed, [many[5]!.id]);
  });
});
