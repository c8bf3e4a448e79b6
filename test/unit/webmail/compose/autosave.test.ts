/** When a draft is kept here and on the server, with a clock that the test moves. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AutosaveTargets, createAutosave, type SaveState } from '@vaguemestre/webmail/compose/autosave';

function movingClock() {
  let now = 0;
  const waiting = new Set<{ at: number; then: () => void }>();
  return {
    now: () => now,
    after(ms: number, then: () => void) {
      const timer = { at: now + ms, then };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
    async move(ms: number) {
      for (let i = 0; i < 10; i++) await Promise.resolve();
      const end = now + ms;
      for (;;) {
        const next = [...waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        waiting.delete(next);
        now = next.at;
        next.then();
        for (let i = 0; i < 10; i++) await Promise.resolve();
      }
      now = end;
    },
  };
}

function open(overrides: Partial<AutosaveTargets> = {}) {
  const clock = movingClock();
  const log: string[] = [];
  const states: SaveState['kind'][] = [];
  const autosave = createAutosave(
    {
      saveHere: async () => void log.push(`here ${clock.now()}`),
      saveOnServer: async () => void log.push(`server ${clock.now()}`),
      ...overrides,
    },
    clock,
    ({ kind }) => states.push(kind),
  );
  return { clock, log, states, autosave };
}

describe('keeping a draft', () => {
  it('is done here after 2 s of rest and on the server after 10 s', async () => {
    const { clock, log, states, autosave } = open();
    autosave.changed();
    await clock.move(1_000);
    autosave.changed();
    await clock.move(60_000);
    assert.deepEqual(log, ['here 3000', 'server 10000']);
    assert.deepEqual(states, ['changed', 'changed', 'saving', 'saved']);
  });

  it('is done here every 5 s of somebody who never rests', async () => {
    const { clock, log, autosave } = open();
    for (let i = 0; i < 12; i++) {
      autosave.changed();
      await clock.move(1_000);
    }
    assert.deepEqual(log.toSorted(), ['here 10000', 'here 5000', 'server 10000']);
  });

  it('goes on trying when the server is away, later each time, and says that it is kept here', async () => {
    let away = true;
    const times: number[] = [];
    const { clock, autosave } = open({
      saveOnServer: async () => {
        times.push(clock.now());
        if (away) throw new Error('away');
      },
    });
    autosave.changed();
    await clock.move(45_000);
    assert.deepEqual(times, [10_000, 20_000, 40_000]);
    assert.equal(autosave.state.kind, 'kept');
    away = false;
    await clock.move(60_000);
    assert.equal(times.at(-1), 80_000);
    assert.equal(autosave.state.kind, 'saved');
  });

  it('saves again what changed while a copy was on its way', async () => {
    let release = () => {};
    const times: number[] = [];
    const { clock, autosave } = open({
      saveOnServer: () => {
        times.push(clock.now());
        return new Promise((resolve) => {
          release = resolve;
        });
      },
    });
    autosave.changed();
    await clock.move(10_000);
    autosave.changed();
    await clock.move(5_000);
    release();
    await clock.move(30_000);
    assert.deepEqual(times, [10_000, 20_000]);
    release();
    await clock.move(1);
    assert.equal(autosave.state.kind, 'saved');
  });

  it('is all on the server when asked for at once, and not again', async () => {
    const { clock, log, autosave } = open();
    autosave.changed();
    await autosave.flush();
    assert.deepEqual(log, ['server 0']);
    await autosave.flush();
    await clock.move(60_000);
    assert.deepEqual(log, ['server 0']);
  });

  it('says so when the server refuses what was asked for at once', async () => {
    const { autosave } = open({ saveOnServer: () => Promise.reject(new Error('no')) });
    autosave.changed();
    await assert.rejects(autosave.flush(), /no/);
    autosave.stop();
  });
});
