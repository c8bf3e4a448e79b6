/** Days of a time zone: across both changes of summer time, in zones that change at midnight, and for any moment of a century. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  addDays,
  addYear,
  dayAt,
  daysBetween,
  endOfDay,
  isTimeZone,
  momentOf,
  readDay,
} from '@vaguemestre/server/kernel/calendar';
import fc from 'fast-check';

const iso = (ms: number): string => new Date(ms).toISOString();

describe('days of a time zone', () => {
  it('begin and end at midnight there, in winter and in summer', () => {
    assert.equal(iso(momentOf('2026-01-15', 0, 'Europe/Paris')), '2026-01-14T23:00:00.000Z');
    assert.equal(iso(momentOf('2026-07-15', 0, 'Europe/Paris')), '2026-07-14T22:00:00.000Z');
    assert.equal(iso(endOfDay('2026-06-30', 'Europe/Paris')), '2026-06-30T21:59:59.999Z');
    assert.equal(iso(endOfDay('2026-06-30', 'Pacific/Auckland')), '2026-06-30T11:59:59.999Z');
    assert.equal(dayAt(Date.parse('2026-06-30T21:59:59.999Z'), 'Europe/Paris'), '2026-06-30');
    assert.equal(dayAt(Date.parse('2026-06-30T22:00:00.000Z'), 'Europe/Paris'), '2026-07-01');
  });

  it('have 23 and 25 hours when the clocks change', () => {
    const hours = (day: string, zone: string): number => (endOfDay(day, zone) + 1 - momentOf(day, 0, zone)) / 3_600_000;
    assert.equal(hours('2026-03-29', 'Europe/Paris'), 23);
    assert.equal(hours('2026-10-25', 'Europe/Paris'), 25);
    assert.equal(hours('2026-10-04', 'Australia/Lord_Howe'), 23.5);
  });

  it('take the first moment after a time that is left out, and the earlier of one that comes twice', () => {
    assert.equal(iso(momentOf('2026-03-29', 2, 'Europe/Paris')), '2026-03-29T01:00:00.000Z');
    assert.equal(iso(momentOf('2026-10-25', 2, 'Europe/Paris')), '2026-10-25T00:00:00.000Z');
    // Midnight itself is left out there: the day begins at one o'clock.
    assert.equal(iso(momentOf('2018-11-04', 0, 'America/Sao_Paulo')), '2018-11-04T03:00:00.000Z');
    assert.equal(iso(endOfDay('2018-11-03', 'America/Sao_Paulo')), '2018-11-04T02:59:59.999Z');
  });

  it('are counted by the calendar', () => {
    assert.equal(addDays('2026-03-28', 2), '2026-03-30');
    assert.equal(addDays('2028-03-01', -1), '2028-02-29');
    assert.equal(daysBetween('2026-10-20', '2026-11-01'), 12);
    assert.equal(addYear('2026-07-31'), '2027-07-31');
    assert.equal(addYear('2028-02-29'), '2029-03-01');
  });

  it('are read as they are written, and nothing else is', () => {
    assert.equal(readDay('2028-02-29'), '2028-02-29');
    for (const text of ['2026-02-29', '2026-13-01', '2026-00-10', '2026-1-1', '26-01-01', '2026-01-01T00:00', '']) {
      assert.equal(readDay(text), undefined, text);
    }
    assert.equal(isTimeZone('Europe/Paris'), true);
    assert.equal(isTimeZone('Europe/Nowhere'), false);
  });

  it('hold every moment of theirs', () => {
    const zones = ['Europe/Paris', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Africa/Cairo', 'UTC'];
    const moments = fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2080, 0, 1) });
    fc.assert(
      fc.property(moments, fc.constantFrom(...zones), (ms, zone) => {
        const day = dayAt(ms, zone);
        assert.ok(momentOf(day, 0, zone) <= ms && ms <= endOfDay(day, zone), `${iso(ms)} in ${zone}`);
        assert.equal(dayAt(momentOf(day, 7, zone), zone), day);
        assert.equal(dayAt(endOfDay(day, zone), zone), day);
        assert.equal(daysBetween(day, addDays(day, 90)), 90);
      }),
      { numRuns: 500 },
    );
  });
});
