/** What is due when in the life of an account: a clock that goes through it hour by hour, across both changes of summer time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endOfDay } from '@vaguemestre/server/kernel/calendar';
import { deletionOf, keptUntil, type LifeProgress, nextStep, stageOf } from '@vaguemestre/server/life/schedule';

const zone = 'Europe/Paris';
const hourMs = 3_600_000;

/** Goes from one moment to another by the hour and does what is due at once: the moments at which something was. */
function live(lastDay: string, from: string, to: string): string[] {
  const expires = new Date(endOfDay(lastDay, zone));
  let progress: LifeProgress = {};
  const done: string[] = [];
  for (let now = Date.parse(from); now < Date.parse(to); now += hourMs) {
    for (let step = nextStep(expires, progress, zone, now); step !== undefined; ) {
      done.push(`${new Date(now).toISOString().slice(0, 13)} ${step.kind}${step.kind === 'warn' ? step.warning : ''}`);
      if (step.kind === 'delete') return done;
      const at = new Date(now);
      if (step.kind === 'warn') progress = { ...progress, warned: { ...progress.warned, [step.warning]: at } };
      else progress = { ...progress, [step.kind === 'lock' ? 'locked' : 'archived']: at };
      step = nextStep(expires, progress, zone, now);
    }
  }
  return done;
}

describe('the life of an account', () => {
  it('keeps to the morning across the change to summer time', () => {
    assert.deepEqual(live('2026-03-31', '2026-01-01T00:00Z', '2027-01-01T00:00Z'), [
      '2026-03-17T06 warn14',
      '2026-03-28T06 warn3',
      '2026-03-31T22 lock',
      '2026-05-01T05 archive',
      '2026-07-30T05 delete',
    ]);
  });

  it('keeps to the morning across the change to winter time', () => {
    assert.deepEqual(live('2026-10-25', '2026-01-01T00:00Z', '2027-12-01T00:00Z'), [
      '2026-10-11T05 warn14',
      '2026-10-22T05 warn3',
      // The last day has 25 hours.
      '2026-10-25T23 lock',
      '2026-11-25T06 archive',
      '2027-02-23T06 delete',
    ]);
  });

  it('warns who came late at once, and only once for each', () => {
    assert.deepEqual(live('2026-06-30', '2026-06-23T10:00Z', '2026-07-02T00:00Z'), [
      '2026-06-23T10 warn14',
      '2026-06-27T05 warn3',
      '2026-06-30T22 lock',
    ]);
    assert.deepEqual(live('2026-06-30', '2026-06-30T10:00Z', '2026-07-02T00:00Z'), [
      '2026-06-30T10 warn3',
      '2026-06-30T22 lock',
    ]);
  });

  it('gives 90 days after the archive, however long the service did not run', () => {
    assert.deepEqual(live('2024-06-30', '2026-06-23T10:00Z', '2026-12-31T00:00Z'), [
      '2026-06-23T10 lock',
      '2026-06-23T10 archive',
      '2026-09-21T05 delete',
    ]);
  });

  it('keeps an archive to the same day of the next year', () => {
    const made = new Date('2026-07-31T05:00Z');
    assert.equal(keptUntil(made, zone).toISOString(), '2027-07-31T05:00:00.000Z');
    assert.equal(new Date(deletionOf(made, zone)).toISOString(), '2026-10-29T06:00:00.000Z');
  });

  it('has a name for where it is', () => {
    const expires = new Date(endOfDay('2026-06-30', zone));
    const stage = (now: string, progress: LifeProgress = {}) => stageOf(expires, progress, zone, Date.parse(now));
    assert.equal(stageOf(undefined, {}, zone, 0), 'open');
    assert.equal(stage('2026-06-01T00:00Z'), 'open');
    assert.equal(stage('2026-06-16T05:00Z'), 'ending');
    assert.equal(stage('2026-06-30T21:59:59.999Z'), 'ending');
    assert.equal(stage('2026-06-30T22:00Z'), 'locked');
    assert.equal(stage('2026-08-30T22:00Z', { locked: expires, archived: expires }), 'archived');
  });
});
