import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { appendOctets, inboxOf, letter } from '../../harness/store-messages.js';

describe('Email/import and Email/parse', () => {
  let service: JmapService;
  let anne: JmapPerson;
  let inbox: string;
  before(async () => {
    service = await startJmapService();
    anne = await service.person();
    inbox = inboxOf(anne.account);
  });
  after(() => service.close());

  const upload = async (octets: string | Buffer, type = 'message/rfc822'): Promise<string> => {
    const reply = await anne.fetch(`/jmap/upload/${anne.accountId}/`, {
      method: 'POST',
      headers: { 'content-type': type, 'sec-fetch-site': 'same-origin' },
      body: octets,
    });
    return ((await reply.json()) as { blobId: string }).blobId;
  };

  it('imports a message octet for octet, into several mailboxes at once', async () => {
    const octets = letter('imported', 'x\0y\r\n', [
      'Received: by a; Mon, 1 Jan 2024 10:00:00 +0000',
      'Received: by b; Sun, 31 Dec 2023 10:00:00 +0000',
    ]);
    const blobId = await upload(octets);
    const trash = anne.account.mailboxByRole('trash')!.id;
    const { created, oldState, newState } = await anne.call('Email/import', {
      emails: {
        a: {
          blobId,
          mailboxIds: { [inbox]: true, [trash]: true },
          keywords: { $seen: true, travail: true },
          receivedAt: '2020-02-29T12:00:00Z',
        },
        b: { blobId, mailboxIds: { [inbox]: true } },
      },
    });
    assert.equal(Number(newState), Number(oldState) + 1);
    const list: Answer[] = (
      await anne.call('Email/get', {
        ids: [created.a.id, created.b.id],
        properties: ['blobId', 'threadId', 'size', 'mailboxIds', 'keywords', 'receivedAt'],
      })
    ).list;
    assert.deepEqual(list, [
      {
        ...created.a,
        size: octets.length,
        mailboxIds: { [inbox]: true, [trash]: true },
        keywords: { $seen: true, travail: true },
        receivedAt: '2020-02-29T12:00:00Z',
      },
      {
        ...created.b,
        size: octets.length,
        mailboxIds: { [inbox]: true },
        keywords: {},
        receivedAt: '2024-01-01T10:00:00Z',
      },
    ]);
    const back = await anne.fetch(`/jmap/download/${anne.accountId}/${created.a.blobId}/x.eml`);
    assert.deepEqual(Buffer.from(await back.arrayBuffer()), octets);
  });

  it('says why it does not import', async () => {
    const blobId = await upload(letter('x'));
    const empty = await upload('no header here\r\n');
    const ok = { blobId, mailboxIds: { [inbox]: true } };
    const { notCreated, created } = await anne.call('Email/import', {
      emails: {
        ok,
        noBlob: { ...ok, blobId: `u${'0'.repeat(24)}` },
        noMailbox: { ...ok, mailboxIds: {} },
        otherMailbox: { ...ok, mailboxIds: { nosuchbox000: true } },
        keyword: { ...ok, keywords: { 'a b': true } },
        date: { ...ok, receivedAt: 'now' },
        unknown: { ...ok, subject: 'x' },
        noMessage: { ...ok, blobId: empty },
      },
    });
    assert.deepEqual(Object.keys(created), ['ok']);
    const why = Object.fromEntries(
      Object.entries(notCreated as Answer).map(([id, error]: [string, Answer]) => [
        id,
        error.properties?.join() ?? error.type,
      ]),
    );
    assert.deepEqual(why, {
      noBlob: 'blobId',
      noMailbox: 'mailboxIds',
      otherMailbox: 'mailboxIds',
      keyword: 'keywords',
      date: 'receivedAt',
      unknown: 'subject',
      noMessage: 'invalidEmail',
    });
    assert.equal(await anne.errorOf('Email/import', { emails: { ok }, ifInState: '1' }), 'stateMismatch');
    assert.equal(await anne.errorOf('Email/import', {}), 'invalidArguments');
  });

  it('reads a message that is attached to another', async () => {
    const inner = letter('inner', 'Bonjour\r\n', ['Message-ID: <inner@x>']);
    const outer = Buffer.concat([
      Buffer.from(
        'Subject: outer\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n',
      ),
      inner,
      Buffer.from('\r\n--b--\r\n'),
    ]);
    await appendOctets(anne.account, inboxOf(anne.account), outer);
    const [id] = (await anne.call('Email/query', { filter: { subject: 'outer' } })).ids;
    const [{ attachments }] = (await anne.call('Email/get', { ids: [id], properties: ['attachments'] })).list;
    const { blobId } = attachments[0];
    const { parsed, notFound, notParsable } = await anne.call('Email/parse', {
      blobIds: [blobId, `u${'0'.repeat(24)}`, await upload('nothing', 'text/plain')],
      properties: [
        'id',
        'threadId',
        'mailboxIds',
        'blobId',
        'size',
        'subject',
        'messageId',
        'preview',
        'textBody',
        'bodyValues',
        'header:From:asAddresses',
      ],
      fetchTextBodyValues: true,
      bodyProperties: ['partId', 'blobId', 'type'],
    });
    assert.deepEqual(parsed[blobId], {
      id: null,
      threadId: null,
      mailboxIds: null,
      blobId,
      size: inner.length,
      subject: 'inner',
      messageId: ['inner@x'],
      preview: 'Bonjour',
      textBody: [{ partId: '1', blobId: `${blobId}-1`, type: 'text/plain' }],
      bodyValues: { 1: { value: 'Bonjour\n', isEncodingProblem: false, isTruncated: false } },
      'header:From:asAddresses': [{ name: 'Anne Martin', email: 'anne@labo.example' }],
    });
    assert.deepEqual([notFound.length, notParsable.length], [1, 1]);
    const part = await anne.fetch(`/jmap/download/${anne.accountId}/${blobId}-1/x.txt`);
    assert.equal(await part.text(), 'Bonjour\r\n');
    assert.equal(await anne.errorOf('Email/parse', { blobIds: [blobId], properties: ['colour'] }), 'invalidArguments');
    assert.equal(await anne.errorOf('Email/parse', {}), 'invalidArguments');
    const bruno = await service.person();
    assert.deepEqual((await bruno.call('Email/parse', { blobIds: [blobId] })).notFound, [blobId]);
  });
});
