import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readInvitation } from '@vaguemestre/webmail/reading/calendar/invitation';
import fc from 'fast-check';

const calendar = (event: readonly string[], more: readonly string[] = []): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'METHOD:REQUEST',
    ...more,
    'BEGIN:VEVENT',
    'UID:1',
    ...event,
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');

const startOf = (lines: readonly string[], more: readonly string[] = []) =>
  readInvitation(calendar(lines, more))?.start;
const moment = (text: string) => ({ kind: 'moment', date: new Date(text) });

/** As Outlook writes it. */
const windowsZone = [
  'BEGIN:VTIMEZONE',
  'TZID:Romance Standard Time',
  'BEGIN:STANDARD',
  'DTSTART:16010101T030000',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10',
  'END:STANDARD',
  'BEGIN:DAYLIGHT',
  'DTSTART:16010101T020000',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0200',
  'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3',
  'END:DAYLIGHT',
  'END:VTIMEZONE',
];

describe('an invitation', () => {
  it('says what, when, where, who', () => {
    const found = readInvitation(
      calendar([
        'SUMMARY:Réunion\\, groupe « Mésophase »',
        'DTSTART:20261203T130000Z',
        'DTEND:20261203T143000Z',
        'LOCATION:Salle Amp',
        ' ère\\; 2e étage',
        'DESCRIPTION:Ordre du jour :\\n- budget',
        'URL:https://labo.example/reunion',
        'ORGANIZER;CN="Delorme, Inès":mailto:ines.delorme@labo.example',
        'ATTENDEE;PARTSTAT=ACCEPTED;CN=Hugo:MAILTO:hugo@labo.example',
        'ATTENDEE;ROLE=REQ-PARTICIPANT:mailto:claire@labo.example',
        'RRULE:FREQ=WEEKLY',
      ]),
    );
    assert.deepEqual(found, {
      act: 'request',
      summary: 'Réunion, groupe « Mésophase »',
      start: moment('2026-12-03T13:00:00Z'),
      end: moment('2026-12-03T14:30:00Z'),
      repeats: true,
      location: 'Salle Ampère; 2e étage',
      page: 'https://labo.example/reunion',
      description: 'Ordre du jour :\n- budget',
      organizer: { name: 'Delorme, Inès', email: 'ines.delorme@labo.example', answer: 'open' },
      participants: [
        { name: 'Hugo', email: 'hugo@labo.example', answer: 'accepted' },
        { name: 'claire@labo.example', email: 'claire@labo.example', answer: 'open' },
      ],
      others: 0,
    });
  });

  it('reads times of zones: those of the world, those it brings along, those of nobody', () => {
    assert.deepEqual(startOf(['DTSTART;TZID=Europe/Paris:20261203T140000']), moment('2026-12-03T13:00:00Z'));
    assert.deepEqual(startOf(['DTSTART;TZID=Europe/Paris:20260703T140000']), moment('2026-07-03T12:00:00Z'));
    assert.deepEqual(startOf(['DTSTART;TZID=America/New_York:20261101T033000']), moment('2026-11-01T08:30:00Z'));
    assert.deepEqual(
      startOf(['DTSTART;TZID=/x.example/20260101/Europe/Paris:20261203T140000']),
      moment('2026-12-03T13:00:00Z'),
    );
    const romance = (time: string) => startOf([`DTSTART;TZID="Romance Standard Time":${time}`], windowsZone);
    assert.deepEqual(romance('20261203T140000'), moment('2026-12-03T13:00:00Z'));
    assert.deepEqual(romance('20260703T140000'), moment('2026-07-03T12:00:00Z'));
    assert.deepEqual(romance('20260115T090000'), moment('2026-01-15T08:00:00Z'), 'before the first change of the year');
    assert.deepEqual(romance('20261025T060000'), moment('2026-10-25T05:00:00Z'), 'on the day of the change');
    assert.deepEqual(startOf(['DTSTART;TZID=Mars:20261203T140000']), {
      kind: 'wall',
      date: new Date('2026-12-03T14:00:00Z'),
      zone: 'Mars',
    });
    assert.deepEqual(startOf(['DTSTART:20261203T140000']), {
      kind: 'wall',
      date: new Date('2026-12-03T14:00:00Z'),
      zone: '',
    });
  });

  it('knows whole days, lengths, and what has no end', () => {
    const day = (text: string) => ({ kind: 'day', date: new Date(`${text}T00:00:00Z`) });
    const days = readInvitation(calendar(['DTSTART;VALUE=DATE:20261203', 'DTEND;VALUE=DATE:20261205']));
    assert.deepEqual([days?.start, days?.end], [day('2026-12-03'), day('2026-12-04')]);
    assert.equal(
      readInvitation(calendar(['DTSTART;VALUE=DATE:20261203', 'DTEND;VALUE=DATE:20261204']))?.end,
      undefined,
    );
    const long = readInvitation(calendar(['DTSTART:20261203T130000Z', 'DURATION:PT1H30M']));
    assert.deepEqual(long?.end, moment('2026-12-03T14:30:00Z'));
    assert.equal(readInvitation(calendar(['DTSTART:20261203T130000Z']))?.end, undefined);
    assert.equal(readInvitation(calendar(['DTSTART:20261203T130000Z', 'DTEND:20261202T130000Z']))?.end, undefined);
    assert.equal(readInvitation(calendar(['DTSTART:20269903T130000Z']))?.start, undefined);
  });

  it('tells a cancelled one, and an answer', () => {
    const act = (text: string) => readInvitation(text)?.act;
    assert.equal(act(calendar([]).replace('REQUEST', 'CANCEL')), 'cancel');
    assert.equal(act(calendar(['STATUS:CANCELLED'])), 'cancel');
    assert.equal(act(calendar([]).replace('REQUEST', 'REPLY')), 'reply');
    assert.equal(act(calendar([]).replace('METHOD:REQUEST\r\n', '')), 'publish');
  });

  it('believes no address, and nothing that is no event', () => {
    const page = (url: string) => readInvitation(calendar([`URL:${url}`]))?.page;
    for (const url of ['javascript:X()', 'JAVASCRIPT:X()', 'data:text/html,x', `https://x/${'a'.repeat(3_000)}`])
      assert.equal(page(url), undefined, url);
    for (const text of [
      '',
      'BEGIN:VCALENDAR',
      'BEGIN:VEVENT\nEND:VEVENT',
      'BEGIN:VCALENDAR\nBEGIN:VTODO\nEND:VTODO\nEND:VCALENDAR',
    ])
      assert.equal(readInvitation(text), undefined, text);
  });

  it('is read in no time and never throws, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            'BEGIN:VCALENDAR',
            'BEGIN:VEVENT',
            'DTSTART',
            ';TZID=',
            '"',
            ':',
            '\r\n',
            ' ',
            '\\',
            '20261203T140000',
            'RRULE:',
            'é',
          ),
        ),
        (pieces) => {
          readInvitation(pieces.join(''));
        },
      ),
      { numRuns: 300 },
    );
    const began = performance.now();
    for (const piece of ['BEGIN:VEVENT\n', 'ATTENDEE;CN="', ';', ' \n', 'A:\\', ','])
      readInvitation(calendar([piece.repeat(1_000_000 / piece.length)]));
    assert.ok(performance.now() - began < 2_000);
  });
});
