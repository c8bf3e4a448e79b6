/** Where a try leaves a delivery: outcomes, waits, what is told. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '@vaguemestre/relay/delivery/deliverer';
import type { Notify } from '@vaguemestre/relay/queue/message';
import { afterAttempt, afterNotice, type Round } from '@vaguemestre/relay/queue/progress';
import { retrySchedule } from '@vaguemestre/relay/queue/retry-schedule';
import fc from 'fast-check';

const hourMs = 3_600_000;
const schedule = retrySchedule({ giveUpMs: 5 * 24 * hourMs, warnAfterMs: 4 * hourMs }, () => 0.5);
const created = new Date(1_800_000_000_000);

function taken(lane: 'in' | 'out', notify?: ('success' | 'failure' | 'delay' | 'never')[]) {
  const rcpt = [{ address: 'a@x.example', state: 'open' as const, ...(notify && { notify }) }];
  return { rcpt, tries: 0, created, log: [], lane, hop: { kind: 'mx', domain: 'x.example' } as const };
}

const round = (ageMs: number, from = 'anne@labo.example', ours = true): Round => ({
  envelope: { from },
  schedule,
  nowMs: created.getTime() + ageMs,
  tookMs: 5,
  ours,
});
const report = (...outcomes: Outcome[]) => ({ outcomes, unreachable: false });
const later: Outcome = { kind: 'later', reply: '450 4.2.1 busy', doubt: false };
const failed: Outcome = { kind: 'failed', reply: '550 5.1.1 nobody' };
const delivered = (dsn: boolean): Outcome => ({ kind: 'delivered', reply: '250 2.0.0 ok', dsn });

describe('a delivery after a try', () => {
  it('waits longer from try to try, and at last an hour', () => {
    const waits = [1, 2, 3, 7, 50].map((tries) => schedule.waitMs('out', tries) / 60_000);
    assert.deepEqual(waits, [1, 2, 5, 60, 60]);
    assert.deepEqual(
      [1, 5, 9].map((tries) => schedule.waitMs('in', tries)),
      [2_000, 300_000, 300_000],
    );
  });

  it('is tried again after 4yz, and its sender hears of it once, when it is ours', () => {
    const soon = afterAttempt(taken('out'), report(later), round(hourMs));
    assert.equal(soon.rcpt[0]!.tell, undefined);
    assert.equal(soon.due!.getTime(), created.getTime() + hourMs + 60_000);
    const warned = afterAttempt(taken('out'), report(later), round(5 * hourMs));
    assert.equal(warned.rcpt[0]!.tell, 'delayed');
    assert.equal(warned.warned, true);
    assert.equal(warned.rcpt[0]!.state, 'open');
    const told = afterNotice({ ...taken('out'), ...warned, warned: true, rcpt: warned.rcpt }, round(5 * hourMs));
    assert.equal(told.rcpt[0]!.tell, undefined);
    assert.ok(told.due!.getTime() > created.getTime() + 5 * hourMs);
    const again = afterAttempt({ ...taken('out'), warned: true }, report(later), round(6 * hourMs));
    assert.equal(again.rcpt[0]!.tell, undefined);
    const stranger = afterAttempt(taken('out'), report(later), round(5 * hourMs, 'x@far.example', false));
    assert.equal(stranger.rcpt[0]!.tell, undefined);
    const asked = afterAttempt(taken('out', ['delay']), report(later), round(5 * hourMs, 'x@far.example', false));
    assert.equal(asked.rcpt[0]!.tell, 'delayed');
  });

  it('is given up after days, those of nobody sooner', () => {
    const old = afterAttempt(taken('out'), report(later), round(121 * hourMs));
    assert.deepEqual([old.rcpt[0]!.state, old.rcpt[0]!.tell], ['failed', 'failed']);
    const notice = afterAttempt(taken('out'), report(later), round(25 * hourMs, ''));
    assert.deepEqual([notice.rcpt[0]!.state, notice.rcpt[0]!.tell], ['failed', undefined]);
    assert.ok(notice.settled);
  });

  it('tells of success who asked for it, and leaves it to a host that knows how', () => {
    const wants = ['success'] as 'success'[];
    assert.equal(afterAttempt(taken('in', wants), report(delivered(true)), round(1)).rcpt[0]!.tell, 'delivered');
    assert.equal(afterAttempt(taken('out', wants), report(delivered(false)), round(1)).rcpt[0]!.tell, 'relayed');
    assert.equal(afterAttempt(taken('out', wants), report(delivered(true)), round(1)).rcpt[0]!.tell, undefined);
    assert.equal(afterAttempt(taken('in'), report(delivered(false)), round(1)).rcpt[0]!.tell, undefined);
    assert.equal(afterAttempt(taken('out', ['never']), report(failed), round(1)).rcpt[0]!.tell, undefined);
    assert.equal(afterAttempt(taken('out', wants), report(failed), round(1)).rcpt[0]!.tell, undefined);
  });

  it('always leaves something to do, or is settled; what is through stays so', () => {
    const outcome = fc.constantFrom(later, failed, delivered(true), delivered(false));
    const notify = fc.option(fc.constantFrom<Notify>(['success'], ['failure', 'delay'], ['never']), { nil: undefined });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('open', 'failed', 'delivered'), notify, outcome), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.integer({ min: 0, max: 200 * hourMs }),
        fc.constantFrom('', 'anne@labo.example'),
        (recipients, ageMs, from) => {
          const rcpt = recipients.map(([state, wish], i) => ({
            address: `r${i}@x.example`,
            state: state as 'open',
            ...(wish && { notify: wish }),
          }));
          const outcomes = recipients.filter(([state]) => state === 'open').map(([, , one]) => one);
          const after = afterAttempt({ ...taken('out'), rcpt }, report(...outcomes), round(ageMs, from));
          assert.notEqual(after.due === undefined, after.settled === undefined);
          for (const [i, one] of after.rcpt.entries()) {
            if (rcpt[i]!.state !== 'open') assert.deepEqual(one, rcpt[i]);
            if (from === '') assert.equal(one.tell, undefined);
          }
          if (after.settled) assert.ok(after.rcpt.every(({ state }) => state !== 'open'));
        },
      ),
    );
  });
});
