import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openRouteGate, standardGateLimits } from '@vaguemestre/relay/queue/open-route-gate';
import fc from 'fast-check';
import { movingClock } from '../../harness/moving-clock.js';

const { initial, most, failures, closedMs } = standardGateLimits;

describe('the gate of a route', () => {
  it('lets more in with every success, up to a limit', () => {
    const gate = openRouteGate(movingClock());
    let inside = 0;
    for (let i = 0; i < 100; i++) gate.enter('a')!({ unreachable: false });
    while (gate.enter('a') !== undefined) inside++;
    assert.equal(inside, most);
    assert.equal(gate.closed().get('a'), 0);
  });

  it('closes after failures in a row, then lets one look', () => {
    const clock = movingClock();
    const gate = openRouteGate(clock);
    for (let i = 0; i < failures; i++) gate.enter('a')!({ unreachable: true });
    assert.equal(gate.enter('a'), undefined);
    assert.equal(gate.closed().get('a'), clock.nowMs() + closedMs);
    clock.move(closedMs);
    const looks = gate.enter('a');
    assert.ok(looks);
    assert.equal(gate.enter('a'), undefined, 'one alone');
    looks({ unreachable: true });
    assert.equal(gate.closed().get('a'), clock.nowMs() + closedMs, 'closed again at once');
    clock.move(closedMs);
    gate.enter('a')!({ unreachable: false });
    assert.ok(gate.enter('a'));
    assert.ok(gate.enter('a'), 'and open again');
  });

  it('opens when an operator says so, and when the clock was set back', () => {
    const clock = movingClock();
    const gate = openRouteGate(clock);
    const close = () => {
      for (let i = 0; i < failures; i++) gate.enter('a')?.({ unreachable: true });
      assert.equal(gate.enter('a'), undefined);
    };
    close();
    gate.reopen('a');
    assert.ok(gate.enter('a'));
    const other = openRouteGate(clock);
    for (let i = 0; i < failures; i++) other.enter('a')!({ unreachable: true });
    clock.move(-365 * 86_400_000);
    assert.ok(other.enter('a'));
  });

  it('forgets the routes longest unused', () => {
    const gate = openRouteGate(movingClock(), { ...standardGateLimits, routes: 10 });
    for (let i = 0; i < failures; i++) gate.enter('dead')!({ unreachable: true });
    for (let i = 0; i < 50; i++) gate.enter(`r${i}`)!({ unreachable: true });
    assert.ok(gate.enter('dead'), 'was forgotten');
  });

  it('keeps its promises whatever happens, and routes apart', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ act: fc.constant('enter' as const), key: fc.integer({ min: 0, max: 2 }) }),
        fc.record({ act: fc.constant('leave' as const), key: fc.integer({ min: 0, max: 2 }), bad: fc.boolean() }),
        fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 400_000 }) }),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        const clock = movingClock();
        const gate = openRouteGate(clock);
        // Key 0 is judged with a second gate that sees its steps alone.
        const alone = openRouteGate(clock);
        const inside = [0, 1, 2].map(() => [] as ((report: { unreachable: boolean }) => void)[]);
        const twins: ((report: { unreachable: boolean }) => void)[] = [];
        for (const step of list) {
          if (step.act === 'wait') {
            clock.move(step.ms);
            continue;
          }
          const key = `r${step.key}`;
          if (step.act === 'enter') {
            const closedUntil = gate.closed().get(key);
            const leave = gate.enter(key);
            assert.equal(leave === undefined, closedUntil !== undefined, 'closed() and enter() agree');
            if (leave !== undefined) inside[step.key]!.push(leave);
            if (step.key === 0) {
              const twin = alone.enter(key);
              assert.equal(twin === undefined, leave === undefined, 'other routes change nothing');
              if (twin !== undefined) twins.push(twin);
            }
            assert.ok(inside[step.key]!.length <= most);
          } else {
            inside[step.key]!.shift()?.({ unreachable: step.bad });
            if (step.key === 0) twins.shift()?.({ unreachable: step.bad });
          }
        }
        for (const leaves of inside) for (const leave of leaves) leave({ unreachable: false });
        // Nobody is shut out for good.
        clock.move(closedMs);
        for (const key of ['r0', 'r1', 'r2']) assert.ok(gate.enter(key));
      }),
      { numRuns: 300 },
    );
    assert.ok(initial <= most);
  });
});
