import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { appendOctets, inboxOf } from '../../harness/store-messages.js';

const mixed = [
  'Return-Path: <x@y.example>',
  'From: =?utf-8?Q?Zo=C3=A9_M=C3=BCller?= <zoe@labo.example>',
  'To: "Anne Martin" <anne@labo.example>, bruno@labo.example',
  'Cc: Bureau: chef@labo.example, (note) Paul <paul@labo.example>;, seul@labo.example',
  'Subject: =?utf-8?B?UsOpdW5pb24=?=',
  ' du lundi',
  'Date: Tue, 24 Nov 2026 08:00:00 +0100',
  'Message-ID: <one@labo.example>',
  'In-Reply-To: <a@x> <b@x>',
  'List-Unsubscribe: <mailto:leave@list.example> (or) , <https://list.example/',
  ' leave>',
  'X-Note: first',
  'X-Note:  second ',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  'preamble',
  '--b',
  'Content-Type: multipart/alternative; boundary=c',
  '',
  '--c',
  'Content-Type: text/plain; charset=iso-8859-1',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Caf=E9 cr=E8me',
  '--c',
  'Content-Type: text/html; charset=utf-8',
  'X-Part: yes',
  '',
  '<p>Café <b>crème</b></p>',
  '--c--',
  '--b',
  'Content-Type: application/pdf; name="plan.pdf"',
  "Content-Disposition: attachment; filename*=utf-8''pl%C3%A9n.pdf",
  'Content-Transfer-Encoding: base64',
  'Content-ID: <pdf@x>',
  'Content-Language: fr, en',
  '',
  Buffer.from('%PDF-1.4 test').toString('base64'),
  '--b',
  'Content-Type: message/rfc822',
  '',
  'Subject: inner',
  '',
  'inside',
  '--b--',
  '',
].join('\r\n');

describe('Email/get', () => {
  let service: JmapService;
  let anne: JmapPerson;
  let id: string;
  before(async () => {
    service = await startJmapService();
    anne = await service.person();
    await appendOctets(anne.account, inboxOf(anne.account), Buffer.from(mixed), ['\\Seen', 'Travail']);
    [id] = (await anne.call('Email/query')).ids;
  });
  after(() => service.close());

  const get = async (properties: readonly string[] | null, more = {}) =>
    (await anne.call('Email/get', { ids: [id], properties, ...more })).list[0];

  it('tells where an email lies, what marks it and when it came', async () => {
    const email = await get(['blobId', 'threadId', 'mailboxIds', 'keywords', 'size', 'receivedAt']);
    const { blobId, threadId, receivedAt, ...rest } = email;
    assert.deepEqual(rest, {
      id,
      mailboxIds: { [inboxOf(anne.account)]: true },
      keywords: { $seen: true, travail: true },
      size: Buffer.byteLength(mixed),
    });
    assert.match(blobId, /^m/);
    assert.match(threadId, /^[0-9a-f]{16}$/);
    assert.match(receivedAt, /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it('reads header fields in every form', async () => {
    const email = await get([
      'from',
      'to',
      'cc',
      'bcc',
      'subject',
      'sentAt',
      'messageId',
      'inReplyTo',
      'references',
      'sender',
      'replyTo',
      'header:Cc:asGroupedAddresses',
      'header:subject',
      'header:Subject:asText',
      'header:Date:asDate',
      'header:List-Unsubscribe:asURLs',
      'header:X-Note',
      'header:x-note:asText:all',
      'header:X-None',
      'header:X-None:all',
      'header:X-Note:asRaw:all',
    ]);
    assert.deepEqual(email, {
      id,
      from: [{ name: 'Zoé Müller', email: 'zoe@labo.example' }],
      to: [
        { name: 'Anne Martin', email: 'anne@labo.example' },
        { name: null, email: 'bruno@labo.example' },
      ],
      cc: [
        { name: null, email: 'chef@labo.example' },
        { name: 'Paul', email: 'paul@labo.example' },
        { name: null, email: 'seul@labo.example' },
      ],
      bcc: null,
      subject: 'Réunion du lundi',
      sentAt: '2026-11-24T08:00:00+01:00',
      messageId: ['one@labo.example'],
      inReplyTo: ['a@x', 'b@x'],
      references: null,
      sender: null,
      replyTo: null,
      'header:Cc:asGroupedAddresses': [
        {
          name: 'Bureau',
          addresses: [
            { name: null, email: 'chef@labo.example' },
            { name: 'Paul', email: 'paul@labo.example' },
          ],
        },
        { name: null, addresses: [{ name: null, email: 'seul@labo.example' }] },
      ],
      'header:subject': ' =?utf-8?B?UsOpdW5pb24=?=\r\n du lundi',
      'header:Subject:asText': 'Réunion du lundi',
      'header:Date:asDate': '2026-11-24T08:00:00+01:00',
      'header:List-Unsubscribe:asURLs': ['mailto:leave@list.example', 'https://list.example/leave'],
      'header:X-Note': '  second ',
      'header:x-note:asText:all': ['first', 'second'],
      'header:X-None': null,
      'header:X-None:all': [],
      'header:X-Note:asRaw:all': [' first', '  second '],
    });
  });

  it('gives the tree, the texts and the attachments', async () => {
    const email = await get(
      ['bodyStructure', 'textBody', 'htmlBody', 'attachments', 'bodyValues', 'hasAttachment', 'preview'],
      {
        fetchAllBodyValues: true,
        bodyProperties: [
          'partId',
          'type',
          'size',
          'name',
          'charset',
          'disposition',
          'cid',
          'language',
          'header:X-Part',
        ],
      },
    );
    const text = {
      partId: '1.1',
      type: 'text/plain',
      size: 10,
      name: null,
      charset: 'iso-8859-1',
      disposition: null,
      cid: null,
      language: null,
      'header:X-Part': null,
    };
    const html = {
      partId: '1.2',
      type: 'text/html',
      size: 26,
      name: null,
      charset: 'utf-8',
      disposition: null,
      cid: null,
      language: null,
      'header:X-Part': ' yes',
    };
    const pdf = {
      partId: '2',
      type: 'application/pdf',
      size: 13,
      name: 'plén.pdf',
      charset: null,
      disposition: 'attachment',
      cid: 'pdf@x',
      language: ['fr', 'en'],
      'header:X-Part': null,
    };
    const inner = {
      partId: '3',
      type: 'message/rfc822',
      size: 24,
      name: null,
      charset: null,
      disposition: null,
      cid: null,
      language: null,
      'header:X-Part': null,
    };
    const multipart = {
      partId: null,
      size: 0,
      name: null,
      charset: null,
      disposition: null,
      cid: null,
      language: null,
      'header:X-Part': null,
    };
    assert.deepEqual(email, {
      id,
      bodyStructure: {
        ...multipart,
        type: 'multipart/mixed',
        subParts: [{ ...multipart, type: 'multipart/alternative', subParts: [text, html] }, pdf, inner],
      },
      textBody: [text],
      htmlBody: [html],
      attachments: [pdf, inner],
      bodyValues: {
        '1.1': { value: 'Café crème', isEncodingProblem: false, isTruncated: false },
        '1.2': { value: '<p>Café <b>crème</b></p>', isEncodingProblem: false, isTruncated: false },
      },
      hasAttachment: true,
      preview: 'Café crème',
    });
  });

  it('cuts values between characters, and HTML before a tag', async () => {
    const values = async (maxBodyValueBytes: number) =>
      (await get(['bodyValues'], { fetchTextBodyValues: true, fetchHTMLBodyValues: true, maxBodyValueBytes }))
        .bodyValues;
    const cut = await values(4);
    assert.deepEqual(cut['1.1'], { value: 'Caf', isEncodingProblem: false, isTruncated: true });
    assert.deepEqual((await values(11))['1.2'], { value: '<p>Café ', isEncodingProblem: false, isTruncated: true });
    assert.equal((await values(1000))['1.1'].isTruncated, false);
  });

  it('answers list properties without the message, and the same from it', async () => {
    const list = await get(['hasAttachment', 'subject', 'from', 'preview']);
    const whole = await get(['hasAttachment', 'subject', 'from', 'preview', 'bodyStructure']);
    delete whole.bodyStructure;
    assert.deepEqual(list, whole);
    const defaults = await get(null);
    assert.ok(!('headers' in defaults) && !('bodyStructure' in defaults) && 'textBody' in defaults);
    assert.deepEqual(Object.keys(defaults.textBody[0]).sort(), [
      'blobId',
      'charset',
      'cid',
      'disposition',
      'language',
      'location',
      'name',
      'partId',
      'size',
      'type',
    ]);
    assert.equal((await get(['headers'])).headers[2].name, 'To');
  });

  it('refuses what an email cannot have', async () => {
    for (const property of [
      'colour',
      'header:',
      'header:Subject:asDate',
      'header:From:asText',
      'header:Subject:asText:some',
      'header:Sub ject',
      'header:Date:asAddresses',
      'Header:Subject',
    ]) {
      assert.equal(
        await anne.errorOf('Email/get', { ids: [id], properties: [property] }),
        'invalidArguments',
        property,
      );
    }
    assert.equal(await anne.errorOf('Email/get', { ids: [id], bodyProperties: ['preview'] }), 'invalidArguments');
    assert.equal(await anne.errorOf('Email/get', { ids: [id], maxBodyValueBytes: -1 }), 'invalidArguments');
    const none = 'f'.repeat(24);
    assert.deepEqual((await anne.call('Email/get', { ids: [none, 'x'] })).notFound, [none, 'x']);
    const bruno = await service.person();
    assert.deepEqual((await bruno.call('Email/get', { ids: [id] })).notFound, [id], "another person's");
  });
});
