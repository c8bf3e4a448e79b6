/**
 * SEARCH over the real mailstore: what the protocol tests ask of a model is asked here of cards, signatures and decoded content.
 * The messages are of our own making; each search names all that it must find.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ImapClient, Reply } from '../../harness/imap-client.js';
import { accountOf, type ImapService, startImapService } from '../../harness/imap-service.js';
import { startTestDatabase, type TestDatabase } from '../../harness/mail-store.js';

const base64 = (text: string, encoding: BufferEncoding = 'utf8'): string =>
  Buffer.from(text, encoding).toString('base64').replaceAll(/.{76}/g, '$&\r\n');

/** In order: message 1, 2 and so on. */
const messages: readonly (readonly [string, Buffer])[] = (
  [
    // 1: plain ASCII.
    [
      '(\\Seen) "01-Feb-2024 10:00:00 +0000"',
      'From: Anne Martin <anne@labo.example>\r\nTo: bob@labo.example\r\nSubject: Quarterly budget\r\nDate: Thu, 1 Feb 2024 23:30:00 -0500\r\nMessage-ID: <1@labo.example>\r\nX-Empty:\r\n\r\nThe budget of the laboratory.\r\n',
    ],
    // 2: encoded words, quoted-printable in Latin-1.
    [
      '(\\Flagged) "02-Feb-2024 10:00:00 +0000"',
      'From: =?iso-8859-1?q?Ren=E9?= <rene@labo.example>\r\nTo: anne@labo.example\r\nCc: =?utf-8?b?w4lsb8Opc2U=?= <eloise@labo.example>\r\nSubject: =?utf-8?q?R=C3=A9union_de_?=\r\n =?utf-8?q?pr=C3=A9fecture?=\r\nDate: Fri, 2 Feb 2024 10:00:00 +0000\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nL=E0-bas, un tr=E8s long mot coup=\r\n=E9 en deux.\r\n',
    ],
    // 3: base64 in UTF-8, an HTML part, an attachment that is text.
    [
      '($Work) "03-Feb-2024 10:00:00 +0000"',
      `From: "Labo, secr\u00e9tariat" <sec@labo.example>\r\nTo: all@labo.example\r\nSubject: trois\r\nDate: Sat, 3 Feb 2024 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64('Un caf\u00e9 serr\u00e9 pour la th\u00e8se\r\n'.repeat(4))}\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>zyx<b>quo</b>rum</p>\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64('hidden in a binary part')}\r\n--b--\r\n`,
    ],
    // 4: a message within a message.
    [
      '() "04-Feb-2024 10:00:00 +0000"',
      'From: fwd@labo.example\r\nTo: anne@labo.example\r\nSubject: Fwd: four\r\nDate: Sun, 4 Feb 2024 10:00:00 +0000\r\nContent-Type: message/rfc822\r\n\r\nFrom: inner@labo.example\r\nSubject: inner subject\r\n\r\ninner words\r\n',
    ],
    // 5: no date, no subject, much text.
    [
      '(\\Deleted) "05-Feb-2024 10:00:00 +0000"',
      `From: big@labo.example\r\nList-Id: <press.labo.example>\r\n\r\n${'filler words without end\r\n'.repeat(4000)}needle at the end\r\n`,
    ],
  ] as const
).map(([options, text]) => [options, Buffer.from(text)] as const);

function found(reply: Reply): number[] {
  return reply.untagged.find((each) => each.name === 'SEARCH')!.values.map(Number);
}

describe('SEARCH on the store', () => {
  let database: TestDatabase;
  let service: ImapService;
  let client: ImapClient;
  before(async () => {
    database = await startTestDatabase();
    const { mailstore } = await database.open({ committedReads: true });
    await mailstore.createAccount(accountOf('alice'), { lang: 'fr' });
    service = await startImapService({ mailstore });
    client = await service.login();
    for (const [options, octets] of messages) await client.append('INBOX', octets, options);
    await client.ok('SELECT INBOX');
  });
  after(async () => {
    await service?.close();
    await database?.close();
  });

  const cases: readonly (readonly [string, readonly number[]])[] = [
    ['ALL', [1, 2, 3, 4, 5]],
    ['TEXT ""', [1, 2, 3, 4, 5]],
    ['SEEN', [1]],
    ['UNDELETED UNSEEN', [2, 3, 4]],
    ['KEYWORD $work', [3]],
    ['LARGER 10000', [5]],
    ['SMALLER 300', [1, 4]],
    // By the day of the internal date, in UTC here.
    ['SINCE 4-Feb-2024', [4, 5]],
    ['ON 2-Feb-2024', [2]],
    ['BEFORE 2-Feb-2024', [1]],
    // By the day that stands in the header, whatever the zone (RFC 9051 6.4.4); without a date, none.
    ['SENTON 1-Feb-2024', [1]],
    ['SENTSINCE 3-Feb-2024', [3, 4]],
    ['NOT SENTBEFORE 3-Feb-2024', [3, 4, 5]],
    // Header fields: decoded, without case, across folds; whole substrings.
    ['SUBJECT "BUDGET"', [1]],
    ['SUBJECT "r\u00e9union de pr\u00e9fecture"', [2]],
    ['FROM "rene@"', [2]],
    ['FROM "Ren\u00e9"', [2]],
    ['FROM "secr\u00e9tariat"', [3]],
    ['CC "\u00c9lo\u00efse"', [2]],
    ['TO anne', [2, 4]],
    ['BCC a', []],
    ['HEADER X-Empty ""', [1]],
    ['HEADER List-Id "press.labo"', [5]],
    ['HEADER Message-ID "<1@labo.example>"', [1]],
    ['HEADER Date "-0500"', [1]],
    // Text: decoded whatever the transfer encoding and charset.
    ['BODY "tr\u00e8s long mot coup\u00e9 en"', [2]],
    ['BODY "caf\u00e9 serr\u00e9"', [3]],
    ['BODY "CAF\u00c9"', [3]],
    ['BODY "needle at the end"', [5]],
    ['BODY "budget"', [1]],
    ['BODY "quarterly"', []],
    ['TEXT "quarterly"', [1]],
    ['TEXT "inner words"', [4]],
    ['BODY "inner subject"', [4]],
    ['TEXT "hidden in a binary part"', []],
    ['BODY "no such words anywhere"', []],
    ['OR (FROM anne SEEN) (BODY needle)', [1, 5]],
    ['OR FROM "Time" OR SUBJECT "Time" OR TO "Time" OR CC "Time" BODY "words" NOT DELETED', [4]],
    ['UID 2:3 NOT BODY "caf\u00e9"', [2]],
  ];
  for (const [program, expected] of cases) {
    it(`SEARCH ${program.slice(0, 70)}`, async () => {
      assert.deepEqual(found(await client.ok(`SEARCH ${program}`)), expected);
      assert.deepEqual(
        found(await client.ok(`UID SEARCH NOT (${program})`)),
        [1, 2, 3, 4, 5].filter((n) => !expected.includes(n)),
      );
    });
  }

  it('finds in another charset', async () => {
    client.write(Buffer.from('l1 SEARCH CHARSET ISO-8859-1 SUBJECT "R\u00e9union"\r\n', 'latin1'));
    assert.deepEqual(found(await client.reply('l1')), [2]);
  });

  it('finds at once what was only just appended, as clients that look for their own header need', async () => {
    await client.append('INBOX', 'From: a@labo.example\r\nX-OfflineIMAP: 4711\r\n\r\nx\r\n');
    await client.ok('NOOP');
    assert.deepEqual(found(await client.ok('UID SEARCH HEADER X-OfflineIMAP 4711')), [6]);
  });
});
