import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { appendOctets, inboxOf, letter, rowsOf } from '../../harness/store-messages.js';

describe('Email/set', () => {
  let service: JmapService;
  let anne: JmapPerson;
  let inbox: string;
  let drafts: string;
  let archive: string;
  before(async () => {
    service = await startJmapService();
    anne = await service.person();
    inbox = inboxOf(anne.account);
    drafts = anne.account.mailboxByRole('drafts')!.id;
    archive = anne.account.mailboxByRole('archive')!.id;
  });
  after(() => service.close());

  const set = (args: Record<string, unknown>): Promise<Answer> => anne.call('Email/set', args);
  const create = async (email: Record<string, unknown>): Promise<Answer> => {
    const answer = await set({ create: { c: { mailboxIds: { [drafts]: true }, ...email } } });
    return answer.created?.c ?? answer.notCreated.c;
  };
  const get = async (id: string, properties: readonly string[], more = {}): Promise<Answer> =>
    (await anne.call('Email/get', { ids: [id], properties, ...more })).list[0];
  const upload = async (octets: string | Buffer, type: string): Promise<string> => {
    const reply = await anne.fetch(`/jmap/upload/${anne.accountId}/`, {
      method: 'POST',
      headers: { 'content-type': type, 'sec-fetch-site': 'same-origin' },
      body: octets,
    });
    assert.ok(reply.ok, `${reply.status}`);
    return ((await reply.json()) as { blobId: string }).blobId;
  };
  const source = async (blobId: string): Promise<string> =>
    (await anne.fetch(`/jmap/download/${anne.accountId}/${blobId}/x.eml?type=message/rfc822`)).text();

  it('writes a draft that reads as it was given', async () => {
    const given = {
      keywords: { $draft: true, $seen: true },
      from: [{ name: 'Zoé Müller', email: 'zoe@labo.example' }],
      to: [
        { name: 'Durand, Jean "JD"', email: 'jean@labo.example' },
        { name: null, email: 'bruno@labo.example' },
      ],
      bcc: [{ name: null, email: 'secret@labo.example' }],
      subject: `Réunion : ${'un sujet assez long '.repeat(12)}é`,
      inReplyTo: ['one@x'],
      references: ['zero@x', 'one@x'],
      'header:X-Priority': ' 1',
      'header:X-Note:asText': 'été',
      'header:X-Two:asText:all': ['a', 'b'],
      textBody: [{ partId: 't', type: 'text/plain' }],
      htmlBody: [{ partId: 'h', type: 'text/html' }],
      bodyValues: { t: { value: 'Bonjour,\nça va ?\n.\nFrom here\n' }, h: { value: '<p>Bonjour,<br>ça va ?</p>' } },
    };
    const made = await create(given);
    assert.deepEqual(Object.keys(made).sort(), ['blobId', 'id', 'size', 'threadId']);
    const email = await get(
      made.id,
      [
        'keywords',
        'from',
        'to',
        'bcc',
        'subject',
        'inReplyTo',
        'references',
        'header:X-Priority',
        'header:X-Note:asText',
        'header:X-Two:asText:all',
        'sentAt',
        'messageId',
        'textBody',
        'htmlBody',
        'bodyValues',
        'hasAttachment',
        'mailboxIds',
        'size',
      ],
      { fetchAllBodyValues: true, bodyProperties: ['partId', 'type'] },
    );
    for (const name of [
      'keywords',
      'from',
      'to',
      'bcc',
      'inReplyTo',
      'references',
      'header:X-Priority',
      'header:X-Note:asText',
      'header:X-Two:asText:all',
    ] as const) {
      assert.deepEqual(email[name], given[name], name);
    }
    assert.equal(email.subject, given.subject);
    assert.match(email.messageId[0], /^[^<>@\s]+@labo\.example$/);
    assert.ok(Math.abs(Date.parse(email.sentAt) - Date.now()) < 60_000);
    assert.deepEqual(email.mailboxIds, { [drafts]: true });
    assert.equal(email.bodyValues[email.textBody[0].partId].value, given.bodyValues.t.value);
    assert.equal(email.bodyValues[email.htmlBody[0].partId].value, given.bodyValues.h.value);
    const octets = await source(made.blobId);
    assert.equal(Buffer.byteLength(octets), made.size);
    assert.ok(
      octets.split('\r\n').every((line) => line.length <= 78),
      'lines are short',
    );
    assert.ok(!/[^\r]\n/.test(octets) && /^[\x20-\x7e\r\n]*$/.test(octets), 'ASCII with CRLF');
  });

  it('puts files and pictures where they belong', async () => {
    const png = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 256));
    const picture = await upload(png, 'image/png');
    const file = await upload('a,b\r\n1,2\r\n', 'text/csv');
    const made = await create({
      subject: 'files',
      htmlBody: [{ partId: 'h' }],
      bodyValues: { h: { value: '<img src="cid:pic@x">' } },
      attachments: [
        { blobId: picture, type: 'image/png', cid: 'pic@x', disposition: 'inline', name: 'photo.png' },
        { blobId: file, name: 'données de la réunion de lundi matin, deuxième version.csv' },
      ],
    });
    const email = await get(made.id, ['bodyStructure', 'attachments', 'hasAttachment'], {
      bodyProperties: ['partId', 'blobId', 'type', 'name', 'size', 'cid', 'disposition'],
    });
    const shape = (part: Answer): Answer => part.subParts?.map(shape) ?? part.type;
    assert.deepEqual(shape(email.bodyStructure), [['text/html', 'image/png'], 'text/csv']);
    assert.equal(email.hasAttachment, true);
    const [pic, csv] = email.attachments;
    assert.deepEqual(
      { ...pic, blobId: '' },
      {
        partId: '1.2',
        blobId: '',
        type: 'image/png',
        name: 'photo.png',
        size: 5000,
        cid: 'pic@x',
        disposition: 'inline',
      },
    );
    assert.equal(csv.name, 'données de la réunion de lundi matin, deuxième version.csv');
    assert.equal(csv.disposition, 'attachment');
    const back = await anne.fetch(`/jmap/download/${anne.accountId}/${pic.blobId}/photo.png?type=image/png`);
    assert.deepEqual(Buffer.from(await back.arrayBuffer()), png);
    // A part of one message becomes a part of another.
    const again = await create({
      bodyStructure: {
        type: 'multipart/mixed',
        subParts: [
          { partId: 'a' },
          { blobId: csv.blobId, name: 'x.csv', disposition: 'attachment' },
          { blobId: made.blobId, type: 'message/rfc822' },
        ],
      },
      bodyValues: { a: { value: 'x' } },
    });
    const copy = await get(again.id, ['attachments']);
    assert.deepEqual(
      copy.attachments.map((part: Answer) => [part.type, part.size]),
      [
        ['text/csv', 10],
        ['message/rfc822', made.size],
      ],
    );
  });

  it('refuses what is not clear (RFC 8621 4.6)', async () => {
    const text = { textBody: [{ partId: 't' }], bodyValues: { t: { value: 'x' } } };
    const wrong: readonly [string, Record<string, unknown>, readonly string[]][] = [
      ['no mailbox', { mailboxIds: {} }, ['mailboxIds']],
      ['a mailbox that is not there', { mailboxIds: { nosuchbox000: true } }, ['mailboxIds']],
      ['mailboxIds of false', { mailboxIds: { [drafts]: false } }, ['mailboxIds']],
      ['a keyword that cannot be', { keywords: { 'a b': true } }, ['keywords']],
      ['keywords of a list', { keywords: ['$seen'] }, ['keywords']],
      ['headers', { headers: [{ name: 'X', value: 'y' }] }, ['headers']],
      ['server-set properties', { id: 'x', size: 3, preview: '' }, ['id', 'size', 'preview']],
      ['one field twice', { subject: 'a', 'header:Subject:asText': 'b' }, ['header:Subject:asText', 'subject']],
      ['a forbidden form', { 'header:From:asText': 'x' }, ['header:From:asText']],
      ['Content-Type of the message', { 'header:Content-Type': ' text/plain' }, ['header:Content-Type']],
      ['a field that ends', { 'header:X-A': ' a\r\nBcc: b@x' }, ['header:X-A']],
      ['an address without email', { from: [{ name: 'x' }] }, ['from']],
      ['a wrong date', { sentAt: 'yesterday' }, ['sentAt']],
      ['a wrong receivedAt', { receivedAt: '2026-01-01' }, ['receivedAt']],
      ['bodyStructure and textBody', { ...text, bodyStructure: { partId: 't' } }, ['textBody']],
      ['two texts', { textBody: [{ partId: 't' }, { partId: 't' }], bodyValues: text.bodyValues }, ['textBody']],
      [
        'a text that is HTML',
        { textBody: [{ partId: 't', type: 'text/html' }], bodyValues: text.bodyValues },
        ['textBody/0/type'],
      ],
      [
        'an HTML that is text',
        { htmlBody: [{ partId: 't', type: 'text/plain' }], bodyValues: text.bodyValues },
        ['htmlBody/0/type'],
      ],
      [
        'a value that is not there',
        { textBody: [{ partId: 'x' }], bodyValues: text.bodyValues },
        ['textBody/0/partId'],
      ],
      [
        'a truncated value',
        { textBody: [{ partId: 't' }], bodyValues: { t: { value: 'x', isTruncated: true } } },
        ['bodyValues/t/isTruncated'],
      ],
      [
        'a charset with a partId',
        { textBody: [{ partId: 't', charset: 'utf-8' }], bodyValues: text.bodyValues },
        ['textBody/0/charset'],
      ],
      [
        'a size with a partId',
        { textBody: [{ partId: 't', size: 1 }], bodyValues: text.bodyValues },
        ['textBody/0/size'],
      ],
      [
        'partId and blobId',
        { textBody: [{ partId: 't', blobId: 'u' }], bodyValues: text.bodyValues },
        ['textBody/0/blobId', 'textBody/0/partId'],
      ],
      [
        'headers of a part',
        { textBody: [{ partId: 't', headers: [] }], bodyValues: text.bodyValues },
        ['textBody/0/headers'],
      ],
      [
        'a transfer encoding',
        { textBody: [{ partId: 't', 'header:Content-Transfer-Encoding': ' 8bit' }], bodyValues: text.bodyValues },
        ['textBody/0/header:Content-Transfer-Encoding'],
      ],
      [
        'a type twice',
        {
          textBody: [{ partId: 't', type: 'text/plain', 'header:Content-Type': ' text/plain' }],
          bodyValues: text.bodyValues,
        },
        ['textBody/0/header:Content-Type'],
      ],
      [
        'a field here and there',
        { subject: 'a', bodyStructure: { partId: 't', 'header:Subject:asText': 'b' }, bodyValues: text.bodyValues },
        ['bodyStructure/header:Subject:asText', 'subject'],
      ],
      ['a multipart without parts', { bodyStructure: { type: 'multipart/mixed' } }, ['bodyStructure/subParts']],
      [
        'parts of what is none',
        { bodyStructure: { type: 'text/plain', subParts: [{ partId: 't' }] }, bodyValues: text.bodyValues },
        ['bodyStructure/subParts'],
      ],
      [
        'something deep in the tree',
        {
          bodyStructure: {
            type: 'multipart/mixed',
            subParts: [{ partId: 't' }, { type: 'multipart/alternative', charset: 'x', subParts: [{ partId: 't' }] }],
          },
          bodyValues: text.bodyValues,
        },
        ['bodyStructure/subParts/1/charset'],
      ],
      [
        'a part that says nothing',
        { attachments: [{ type: 'text/plain' }] },
        ['attachments/0/blobId', 'attachments/0/partId'],
      ],
      ['parts that are none', { attachments: ['x', { partId: 't' }], bodyValues: text.bodyValues }, ['attachments/0']],
      ['an unknown property', { colour: 'red' }, ['colour']],
    ];
    for (const [what, email, properties] of wrong) {
      const answer = await create(email);
      assert.equal(answer.type, 'invalidProperties', what);
      assert.deepEqual([...answer.properties].sort(), [...properties].sort(), what);
    }
    const gone = `u${'0'.repeat(24)}`;
    assert.deepEqual(await create({ attachments: [{ blobId: gone }] }), { type: 'blobNotFound', notFound: [gone] });
    const bruno = await service.person();
    const { blobId } = await create(text);
    const stolen = await bruno.call('Email/set', {
      create: { c: { mailboxIds: { [inboxOf(bruno.account)]: true }, attachments: [{ blobId }] } },
    });
    assert.equal(stolen.notCreated.c.type, 'blobNotFound', "another person's message");
  });

  it('changes keywords and mailboxes in one entry, everywhere the email lies', async () => {
    const ids: string[] = [];
    for (const subject of ['one', 'two', 'three']) {
      await appendOctets(anne.account, inboxOf(anne.account), letter(subject), ['$Label1']);
      ids.push((await anne.call('Email/query', { filter: { subject } })).ids[0]);
    }
    const before = anne.account.modseq;
    const [one, two, three] = ids as [string, string, string];
    const answer = await set({
      update: {
        [one]: { 'keywords/$seen': true, 'keywords/$label1': null, [`mailboxIds/${archive}`]: true },
        [two]: { keywords: { $flagged: true }, mailboxIds: { [archive]: true } },
        nosuch: { 'keywords/$seen': true },
      },
      destroy: [three, 'nosuch2'],
    });
    assert.deepEqual(answer.updated, { [one]: null, [two]: null });
    assert.deepEqual(answer.notUpdated, { nosuch: { type: 'notFound' } });
    assert.deepEqual(answer.destroyed, [three]);
    assert.deepEqual(answer.notDestroyed, { nosuch2: { type: 'notFound' } });
    assert.deepEqual([answer.oldState, answer.newState], [String(before), String(before + 1)], 'one entry');
    assert.deepEqual(await get(one, ['keywords', 'mailboxIds']), {
      id: one,
      keywords: { $seen: true },
      mailboxIds: { [inbox]: true, [archive]: true },
    });
    assert.deepEqual(await get(two, ['keywords', 'mailboxIds']), {
      id: two,
      keywords: { $flagged: true },
      mailboxIds: { [archive]: true },
    });
    // What IMAP does to one of its places.
    await anne.account.storeFlags(archive as never, { uids: Uint32Array.of(1), mode: 'remove', flags: ['\\Seen'] });
    await anne.account.storeFlags(archive as never, { uids: Uint32Array.of(1), mode: 'add', flags: ['Travail'] });
    assert.deepEqual((await get(one, ['keywords'])).keywords, { travail: true }, 'the union; seen only if seen in all');
    await set({ update: { [one]: { 'keywords/$seen': true } } });
    const cursor = await anne.account.open(inbox as never);
    assert.ok(
      rowsOf(cursor).every(([, flags]) => (flags & 8) !== 0),
      'set in all of them',
    );
    cursor.close();
    // A whole object may come back.
    const whole = await get(one, [
      'id',
      'blobId',
      'threadId',
      'subject',
      'from',
      'keywords',
      'mailboxIds',
      'size',
      'receivedAt',
    ]);
    assert.deepEqual((await set({ update: { [one]: { ...whole, keywords: {} } } })).updated, { [one]: null });
    const refused = await set({ update: { [one]: { ...whole, subject: 'other' }, [two]: { colour: 1 } } });
    assert.deepEqual(
      [refused.notUpdated[one].type, refused.notUpdated[one].properties],
      ['invalidProperties', ['subject']],
    );
    assert.deepEqual(
      [refused.notUpdated[two].type, refused.notUpdated[two].properties],
      ['invalidProperties', ['colour']],
    );
  });

  it('refuses patches that make no sense', async () => {
    const { id } = await create({ subject: 'patched' });
    const typeOf = async (patch: Record<string, unknown>): Promise<string> =>
      (await set({ update: { [id]: patch } })).notUpdated?.[id]?.type;
    assert.equal(await typeOf({ keywords: {}, 'keywords/$seen': true }), 'invalidPatch');
    assert.equal(await typeOf({ 'keywords/a/b': true }), 'invalidPatch');
    assert.equal(await typeOf({ 'subject/x': 'y' }), 'invalidPatch');
    assert.equal(await typeOf({ 'keywords/$seen': false }), 'invalidProperties');
    assert.equal(await typeOf({ mailboxIds: {} }), 'invalidProperties');
    assert.equal(await typeOf({ mailboxIds: null }), 'invalidProperties');
    assert.equal(await typeOf({ [`mailboxIds/${drafts}`]: null }), 'invalidProperties');
    assert.equal(await typeOf({ 'mailboxIds/nosuchbox000': true }), 'invalidProperties');
    assert.equal((await set({ update: { [id]: {} }, destroy: [id] })).notUpdated[id].type, 'willDestroy');
  });

  it('replaces a draft by the next one, and changes what it just made', async () => {
    const { id } = await create({ subject: 'v1' });
    const state = (await anne.call('Email/get', { ids: [] })).state;
    const answer = await set({
      ifInState: state,
      create: { next: { mailboxIds: { [drafts]: true }, subject: 'v2' } },
      update: { '#next': { 'keywords/$flagged': true } },
      destroy: [id],
    });
    assert.deepEqual(answer.destroyed, [id]);
    const made = answer.created.next;
    assert.deepEqual((await get(made.id, ['keywords'])).keywords, { $flagged: true });
    assert.equal(await anne.errorOf('Email/set', { ifInState: state, destroy: [made.id] }), 'stateMismatch');
    assert.deepEqual((await anne.call('Email/get', { ids: [id] })).notFound, [id]);
  });

  it('keeps to the quota, on the net', async () => {
    const poor = await service.person({ quotaBytes: 2_000 });
    const box = { mailboxIds: { [inboxOf(poor.account)]: true } };
    const body = (length: number): Answer => ({
      ...box,
      textBody: [{ partId: 't' }],
      bodyValues: { t: { value: 'x'.repeat(length) } },
    });
    const first = await poor.call('Email/set', { create: { a: body(900), b: body(900), c: body(900) } });
    assert.deepEqual(Object.keys(first.created).length + Object.keys(first.notCreated).length, 3);
    assert.ok(Object.values(first.notCreated as Answer).every((error: Answer) => error.type === 'overQuota'));
    const id = (Object.values(first.created)[0] as Answer).id;
    const copied = await poor.call('Email/set', {
      update: { [id]: { [`mailboxIds/${poor.account.mailboxByRole('archive')!.id}`]: true } },
    });
    assert.equal(copied.notUpdated[id].type, 'overQuota');
    const moved = await poor.call('Email/set', {
      update: { [id]: { mailboxIds: { [poor.account.mailboxByRole('archive')!.id]: true } } },
    });
    assert.deepEqual(moved.updated, { [id]: null });
    const replaced = await poor.call('Email/set', { create: { d: body(900) }, destroy: [id] });
    assert.deepEqual(replaced.destroyed, [id]);
    assert.ok(replaced.created.d.id);
    const large = await service.person();
    const huge = await large.call('Email/set', {
      create: {
        a: {
          mailboxIds: { [inboxOf(large.account)]: true },
          textBody: [{ partId: 't' }],
          bodyValues: { t: { value: 'é' } },
        },
      },
    });
    assert.ok(huge.created.a);
  });

  it('knows no other account to copy from', async () => {
    const args = { fromAccountId: anne.accountId, create: {} };
    assert.equal(await anne.errorOf('Email/copy', args), 'invalidArguments');
    assert.equal(await anne.errorOf('Email/copy', { ...args, fromAccountId: 'another' }), 'fromAccountNotFound');
    assert.equal(await anne.errorOf('Email/copy', { fromAccountId: 'another' }), 'invalidArguments');
  });
});
