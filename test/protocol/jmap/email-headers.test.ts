/** RFC 8621 4.1.2 and 4.1.3: what each form makes of header fields as people and programs write them, read by Email/get and by Email/parse. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { appendOctets, inboxOf } from '../../harness/store-messages.js';

const someone = (name: string | null, email: string) => ({ name, email });
const alone = (...addresses: readonly unknown[]) => ({ name: null, addresses });

/** Property, the fields of the message, what is answered. */
const readings: readonly (readonly [property: string, fields: readonly string[], value: unknown])[] = [
  // 4.1.2.1: as it stands, with what folds it.
  ['header:Date', ['Date: Mon, 18 Jun 2018 16:51:28 -0400'], ' Mon, 18 Jun 2018 16:51:28 -0400'],
  ['header:DAte:asRaw', ['date:Mon, 18 Jun 2018 16:51:28 -0400'], 'Mon, 18 Jun 2018 16:51:28 -0400'],
  ['header:X-Fold', ['X-Fold:  aaa', '\tbbb '], '  aaa\r\n\tbbb '],
  ['header:Received', ['Received: by a', 'Received: by b'], ' by b'],
  ['header:Received:all', ['Received: by a', 'Received: by b'], [' by a', ' by b']],
  ['header:Received:asRaw:all', ['Received: by a'], [' by a']],
  ['header:X-None', [], null],
  ['header:X-None:all', [], []],
  ['header:X-Empty', ['X-Empty:'], ''],
  // Octets that are no UTF-8 cannot stand in JSON.
  ['header:X-8bit', ['X-8bit: caf\xe9'], ' caf\ufffd'],
  // 4.1.2.2
  ['subject', ['Subject: =?utf-8?q?=E2=98=83?='], '☃'],
  ['subject', ['Subject:  deux  mots  '], 'deux  mots'],
  ['subject', ['Subject:'], ''],
  ['subject', [], null],
  ['subject', ['Subject: one', 'Subject: two'], 'two'],
  ['header:Comments:asText', ['Comments: =?iso-8859-1?q?=E9t=E9?='], 'été'],
  ['header:List-Id:asText', ['List-Id: Une liste <liste.example>'], 'Une liste <liste.example>'],
  ['header:X-Nfc:asText', ['X-Nfc: =?utf-8?b?4oSr?='], '\u00c5'],
  ['header:X-Fold:asText', [`X-Fold:  ${'a'.repeat(50)}`, ` ${'b'.repeat(50)}`], `${'a'.repeat(50)} ${'b'.repeat(50)}`],
  ['header:X-Two:asText', ['X-Two: =?utf-8?q?a?= =?utf-8?q?b?= c'], 'ab c'],
  ['header:X-Bad:asText', ['X-Bad: =?utf-8?x?a?= =?'], '=?utf-8?x?a?= =?'],
  // 4.1.2.3
  ['from', ['From: foo@example.net'], [someone(null, 'foo@example.net')]],
  ['from', ['From: "Foo \\S" <foo@example.net>'], [someone('Foo S', 'foo@example.net')]],
  ['from', ['From: =?utf-8?b?6YeR5Z+O5q2m?= <k@example.com>'], [someone('金城武', 'k@example.com')]],
  ['to', ['To: A <a@x>, b@x,', ' "C, D" <c@x>'], [someone('A', 'a@x'), someone(null, 'b@x'), someone('C, D', 'c@x')]],
  ['to', ['To: Team: a@x, B <b@x>;, c@x'], [someone(null, 'a@x'), someone('B', 'b@x'), someone(null, 'c@x')]],
  ['cc', ['Cc: undisclosed-recipients:;'], []],
  ['bcc', [], null],
  ['header:X-Addresses:asAddresses', ['X-Addresses: "x" <x@y>'], [someone('x', 'x@y')]],
  ['header:Resent-To:asAddresses', ['Resent-To: a@x'], [someone(null, 'a@x')]],
  ['header:To:asAddresses:all', ['To: a@x', 'To: b@x'], [[someone(null, 'a@x')], [someone(null, 'b@x')]]],
  // 4.1.2.4
  [
    'header:To:asGroupedAddresses',
    ['To: z@x, Team: a@x, B <b@x>;, c@x, Nobody:;'],
    [
      alone(someone(null, 'z@x')),
      { name: 'Team', addresses: [someone(null, 'a@x'), someone('B', 'b@x')] },
      alone(someone(null, 'c@x')),
      { name: 'Nobody', addresses: [] },
    ],
  ],
  // 4.1.2.5
  ['messageId', ['Message-ID: <a@b>'], ['a@b']],
  ['references', ['References: <a@b>', ' <c@d>'], ['a@b', 'c@d']],
  ['inReplyTo', ['In-Reply-To: nothing of the kind'], null],
  ['header:X-Ids:asMessageIds', ['X-Ids: <a@b> <c@d>'], ['a@b', 'c@d']],
  // 4.1.2.6
  ['sentAt', ['Date: Mon, 18 Jun 2018 16:51:28 -0400'], '2018-06-18T16:51:28-04:00'],
  ['sentAt', ['Date: Thu, 13 Feb 1969 23:32 -0330 (Newfoundland Time)'], '1969-02-13T23:32:00-03:30'],
  ['sentAt', ['Date: 1 Jan 2026 00:00:00 GMT'], '2026-01-01T00:00:00Z'],
  ['sentAt', ['Date: not a date'], null],
  ['sentAt', [], null],
  ['header:Resent-Date:asDate', ['Resent-Date: Mon, 18 Jun 2018 16:51:28 +0000'], '2018-06-18T16:51:28Z'],
  ['header:X-Date:asDate', ['X-Date: 18 Jun 2018 16:51:28 +0200'], '2018-06-18T16:51:28+02:00'],
  // 4.1.2.7
  ['header:List-Post:asURLs', ['List-Post: <mailto:l@x> (all), <https://x/y>'], ['mailto:l@x', 'https://x/y']],
  [
    'header:List-Help:asURLs',
    ['List-Help: <http://example.net> <http://example.org/a>'],
    ['http://example.net', 'http://example.org/a'],
  ],
  ['header:List-Archive:asURLs', ['List-Archive: not a url'], null],
  ['header:X-Urls:asURLs', ['X-Urls: <http://a>'], ['http://a']],
];

/** Not to be read in that form, or no property at all. */
const refused = [
  'header:From:asText',
  'header:To:asDate',
  'header:Subject:asAddresses',
  'header:Subject:asMessageIds',
  'header:Date:asText',
  'header:Date:asURLs',
  'header:Message-ID:asText',
  'header:References:asAddresses',
  'header:List-Post:asText',
  'header:Received:asText',
  'header:Return-Path:asAddresses',
  'header:Resent-From:asText',
  'header:X-A:all:asRaw',
  'header:X-A:all:all',
  'header:X-A:asraw',
  'header:X-A:asNothing',
  'header:X-A:',
  'header:',
  'header::asRaw',
  'header:X A',
  'header:X-Ä',
  'Header:X-A',
  'headers:X-A',
];

const messageOf = (fields: readonly string[]): Buffer =>
  Buffer.from(`X-First: 1\r\n${fields.map((line) => `${line}\r\n`).join('')}\r\nbody\r\n`, 'latin1');

describe('header fields', () => {
  let service: JmapService;
  let anne: JmapPerson;
  before(async () => {
    service = await startJmapService();
    anne = await service.person();
  });
  after(() => service.close());

  it('are read in each form, from a stored message and from a blob alike', async () => {
    for (const [, fields] of readings) {
      await appendOctets(anne.account, inboxOf(anne.account), messageOf(fields));
    }
    const { ids } = await anne.call('Email/query', { sort: [{ property: 'receivedAt' }] });
    const emails = await anne.account.emails();
    const uidOf = (id: string): number => emails.placesOf(emails.numberOf(id))[0]!.uid;
    const inOrder = [...ids].sort((x: string, y: string) => uidOf(x) - uidOf(y));
    for (const [i, [property, fields, value]] of readings.entries()) {
      const id = inOrder[i];
      const email = (await anne.call('Email/get', { ids: [id], properties: [property] })).list[0];
      assert.deepEqual(email, { id, [property]: value }, `${property} of ${fields.join('|')}`);
      const { parsed } = await anne.call('Email/parse', { blobIds: [`m${id}`], properties: [property] });
      assert.deepEqual(parsed, { [`m${id}`]: { [property]: value } }, `parsed: ${property} of ${fields.join('|')}`);
    }
  });

  it('are all listed by `headers`, as they are written', async () => {
    const octets = messageOf(['sUbject: a', 'X-Fold: a', ' b', 'Subject: c']);
    await appendOctets(anne.account, inboxOf(anne.account), octets);
    const { ids } = await anne.call('Email/query', { filter: { header: ['X-Fold', 'a b'], subject: 'c' } });
    const [email]: Answer[] = (await anne.call('Email/get', { ids, properties: ['headers'] })).list;
    assert.deepEqual(email.headers, [
      { name: 'X-First', value: ' 1' },
      { name: 'sUbject', value: ' a' },
      { name: 'X-Fold', value: ' a\r\n b' },
      { name: 'Subject', value: ' c' },
    ]);
  });

  it('are not read in forms that RFC 8621 forbids', async () => {
    for (const property of refused) {
      for (const args of [{ properties: [property] }, { bodyProperties: [property] }]) {
        const where = JSON.stringify(args);
        assert.equal(await anne.errorOf('Email/get', { ids: [], ...args }), 'invalidArguments', where);
        assert.equal(await anne.errorOf('Email/parse', { blobIds: [], ...args }), 'invalidArguments', where);
      }
    }
  });
});
