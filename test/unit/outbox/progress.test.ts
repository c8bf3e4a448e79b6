import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RecipientDocument } from '@vaguemestre/server/database/submissions';
import type { RecipientOutcome } from '@vaguemestre/server/outbox/deliver';
import {
  afterNotice,
  afterRound,
  giveUpMs,
  heldLateMs,
  heldMs,
  isOpen,
  lateMs,
} from '@vaguemestre/server/outbox/progress';
import fc from 'fast-check';

const start = Date.UTC(2026, 10, 24);

const recipient = fc.record(
  {
    address: fc.constantFrom('a@x', 'b@x'),
    state: fc.constantFrom('queued' as const, 'held' as const, 'sent' as const, 'failed' as const),
    doubt: fc.constant(true as const),
    notify: fc.constantFrom(['never'] as const, ['success'] as const, ['failure', 'success'] as const),
  },
  { requiredKeys: ['address', 'state'] },
);

const outcome = fc.oneof(
  fc.constantFrom('sent' as const, 'held' as const, 'failed' as const).map((kind) => ({ kind, reply: '250 2.0.0 x' })),
  fc.boolean().map((doubt) => ({ kind: 'later' as const, reply: '451 4.3.0 x', doubt })),
);

const round = fc.array(recipient, { minLength: 1, maxLength: 6 }).chain((rcpt) => {
  const open = rcpt.filter(isOpen).length;
  return fc.record({
    rcpt: fc.constant<readonly RecipientDocument[]>(rcpt),
    outcomes: fc.array<RecipientOutcome>(outcome, { minLength: open, maxLength: open }),
    tries: fc.nat(20),
    ageMs: fc.nat(2 * giveUpMs),
    from: fc.constantFrom('', 'me@x'),
  });
});

const taken = ({
  rcpt,
  tries,
  ageMs,
  from,
}: {
  rcpt: readonly RecipientDocument[];
  tries: number;
  ageMs: number;
  from: string;
}) => ({
  rcpt,
  tries,
  notBefore: new Date(start - ageMs),
  envelope: { from },
});

describe('the state of a submission after a round', () => {
  it('is pending only while certainly nobody has it', () => {
    fc.assert(
      fc.property(round, (given) => {
        const { state, rcpt } = afterRound(taken(given), given.outcomes, start);
        if (state !== 'pending') return;
        for (const one of rcpt) assert.ok(one.state !== 'sent' && one.doubt === undefined, one.state);
      }),
    );
  });

  it('never loses a doubt but by certainty', () => {
    fc.assert(
      fc.property(round, (given) => {
        const { rcpt } = afterRound(taken(given), given.outcomes, start);
        for (const [i, before] of given.rcpt.entries()) {
          if (before.doubt && isOpen(before) && isOpen(rcpt[i]!)) assert.equal(rcpt[i]!.doubt, true);
        }
      }),
    );
  });

  it('has either a next step or an end, and leaves alone who was settled', () => {
    fc.assert(
      fc.property(round, (given) => {
        const after = afterRound(taken(given), given.outcomes, start);
        const open = after.rcpt.some(isOpen);
        const owed = after.rcpt.some(({ tell }) => tell !== undefined);
        assert.equal(after.state === 'done', !open && !owed);
        assert.equal(after.due === undefined, after.state === 'done');
        assert.equal(after.settled !== undefined, after.state === 'done');
        if (after.due) assert.ok(after.due.getTime() > start && after.due.getTime() <= start + 2 * heldMs);
        for (const [i, before] of given.rcpt.entries()) if (!isOpen(before)) assert.deepEqual(after.rcpt[i], before);
      }),
    );
  });

  it('owes nothing to the null sender, and nothing after a notice', () => {
    fc.assert(
      fc.property(round, (given) => {
        const { rcpt, tries } = afterRound(taken(given), given.outcomes, start);
        if (given.from === '') for (const { tell } of rcpt) assert.equal(tell, undefined);
        for (const { tell } of afterNotice({ rcpt, tries }, start).rcpt) assert.equal(tell, undefined);
      }),
    );
  });

  it('tells of a delay whom wants to hear of it', () => {
    const held: RecipientOutcome = { kind: 'held', reply: '450 4.4.4 no way' };
    const told = (more: Partial<RecipientDocument>, ageMs: number) =>
      afterRound(
        taken({ rcpt: [{ address: 'a@x', state: 'held', ...more }], tries: 0, ageMs, from: 'me@x' }),
        [held],
        start,
      ).rcpt[0]!.tell;
    assert.equal(told({}, heldLateMs - 1), undefined);
    assert.equal(told({}, heldLateMs), 'delayed');
    assert.equal(told({ toldLate: true }, heldLateMs), undefined);
    assert.equal(told({ notify: ['failure'] }, heldLateMs), undefined);
    assert.equal(told({ notify: ['never'] }, heldLateMs), undefined);
    assert.equal(told({ notify: ['delay'] }, heldLateMs), 'delayed');
  });

  it('waits longer from try to try, and gives up after five days', () => {
    const toldLate: number[] = [];
    let one: RecipientDocument = { address: 'a@x', state: 'queued' };
    const later: RecipientOutcome = { kind: 'later', reply: '452 4.2.2 full', doubt: false };
    let tries = 0;
    let ageMs = 0;
    const pauses: number[] = [];
    for (;;) {
      const round = afterRound(taken({ rcpt: [one], tries, ageMs, from: 'me@x' }), [later], start);
      const [after, owed] = round.rcpt[0]!.tell === 'delayed' ? [afterNotice(round, start), 1] : [round, 0];
      if (round.rcpt[0]!.state === 'failed') break;
      toldLate.push(...Array(owed).fill(ageMs));
      one = after.rcpt[0]!;
      pauses.push(after.due!.getTime() - start);
      ageMs += pauses.at(-1)!;
      tries = after.tries;
      assert.ok(pauses.length < 200);
    }
    assert.deepEqual(
      pauses,
      [...pauses].sort((x, y) => x - y),
    );
    assert.equal(toldLate.length, 1, 'once');
    assert.ok(toldLate[0]! >= lateMs && toldLate[0]! < 2 * lateMs);
    assert.ok(ageMs >= giveUpMs && ageMs <= giveUpMs + 4 * 3600_000);
  });
});
