/** RFC 9404, RFC 8620 6.3 and 7.2 over a socket. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { maxInlineBlobBytes } from '@vaguemestre/server/http/jmap/blobs/blob-limits';
import { capability } from '@vaguemestre/shared/jmap/core';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { put } from '../../harness/mail-account.js';

let service: JmapService;
let ada: JmapPerson;
before(async () => {
  service = await startJmapService();
  ada = await service.person();
});
after(() => service.close());

const upload = async (create: Answer): Promise<Answer> => ada.call('Blob/upload', { create });

async function made(...data: Answer[]): Promise<string> {
  const done = await upload({ b: { data } });
  assert.equal(done.notCreated, null, JSON.stringify(done.notCreated));
  return done.created.b.id;
}

async function refused(object: Answer): Promise<Answer> {
  const done = await upload({ b: object });
  assert.equal(done.created, null);
  return done.notCreated.b;
}

const textOf = async (id: string): Promise<string> =>
  (await ada.call('Blob/get', { ids: [id], properties: ['data:asText'] })).list[0]['data:asText'];

describe('Blob/upload', () => {
  it('joins text, base64 and pieces of other blobs, created before or in the same call', async () => {
    const fox = await made({ 'data:asText': 'The quick brown fox' });
    const done = await upload({
      late: { data: [{ blobId: '#early', offset: 2, length: 3 }, { 'data:asText': '!' }], type: 'text/plain' },
      early: { data: [{ blobId: fox, offset: 4 }, { 'data:asBase64': Buffer.from(' – é').toString('base64') }] },
      empty: { data: [] },
    });
    assert.equal(done.notCreated, null);
    assert.equal(await textOf(done.created.early.id), 'quick brown fox – é');
    assert.equal(await textOf(done.created.late.id), 'ick!');
    assert.deepEqual(done.created.late, { id: done.created.late.id, type: 'text/plain', size: 4 });
    assert.equal(done.created.early.type, null);
    assert.equal(done.created.empty.size, 0);
  });

  it('gives ids that the rest of the request knows', async () => {
    const { methodResponses } = await ada.request([
      ['Blob/upload', { accountId: ada.accountId, create: { b: { data: [{ 'data:asText': 'x' }] } } }, '0'],
      ['Blob/get', { accountId: ada.accountId, ids: ['#b'] }, '1'],
    ]);
    assert.equal((methodResponses[1]![1] as Answer).list[0]['data:asText'], 'x');
  });

  it('guesses nothing', async () => {
    const blob = await made({ 'data:asText': '12345' });
    const bad: Answer[] = [
      {},
      { data: 'x' },
      { data: [1] },
      { data: [{}] },
      { data: [{ 'data:asText': 'x', 'data:asBase64': '' }] },
      { data: [{ 'data:asText': 1 }] },
      { data: [{ 'data:asBase64': 'not base64!' }] },
      { data: [{ 'data:asBase64': 'YQ' }] },
      { data: [{ 'data:asText': 'x', offset: 1 }] },
      { data: [{ blobId: blob, offset: -1 }] },
      { data: [{ blobId: blob, offset: 6 }] },
      { data: [{ blobId: blob, offset: 3, length: 3 }] },
      { data: [{ blobId: blob, nonsense: 1 }] },
      { data: [], type: 'no type' },
      { data: [], nonsense: 1 },
      { data: Array(65).fill({ 'data:asText': '' }) },
    ];
    for (const object of bad) assert.equal((await refused(object)).type, 'invalidProperties', JSON.stringify(object));
    const missing = await refused({ data: [{ blobId: 'nonexistent' }] });
    assert.deepEqual(missing, { type: 'blobNotFound', notFound: ['nonexistent'] });
    const circle = await upload({ a: { data: [{ blobId: '#b' }] }, b: { data: [{ blobId: '#a' }] } });
    assert.equal(circle.created, null);
    assert.equal(await ada.errorOf('Blob/upload', {}), 'invalidArguments');
    assert.equal(await ada.errorOf('Blob/upload', { create: { a: 1 } }), 'invalidArguments');
  });

  it('keeps its size limit, also when blobs are multiplied', async () => {
    const piece = await made({ 'data:asText': 'x'.repeat(1_000_000) });
    const many = await refused({ data: Array(9).fill({ blobId: piece }) });
    assert.deepEqual(many, { type: 'tooLarge', maxSize: maxInlineBlobBytes });
  });
});

describe('Blob/get', () => {
  it('gives data, size, ranges and digests', async () => {
    const id = await made({ 'data:asText': 'The quick brown fox jumped over the lazy dog.' });
    const get = async (args: Answer) => {
      const { list } = await ada.call('Blob/get', { ids: [id], ...args });
      const { id: same, ...rest } = list[0];
      assert.equal(same, id);
      return rest;
    };
    assert.deepEqual(await get({}), { size: 45, 'data:asText': 'The quick brown fox jumped over the lazy dog.' });
    assert.deepEqual(await get({ properties: ['data:asText', 'digest:sha-256', 'size'], offset: 4, length: 9 }), {
      size: 45,
      'digest:sha-256': createHash('sha256').update('quick bro').digest('base64'),
      'data:asText': 'quick bro',
    });
    assert.deepEqual(await get({ properties: ['data:asBase64'], offset: 40, length: 100 }), {
      'data:asBase64': Buffer.from(' dog.').toString('base64'),
      isTruncated: true,
    });
    assert.deepEqual(await get({ properties: ['data'], offset: 100 }), { 'data:asText': '' });
    assert.deepEqual(await get({ properties: ['size'] }), { size: 45 });
    assert.deepEqual(await get({ properties: ['id'] }), {});
  });

  it('says what is no text', async () => {
    const id = await made({ 'data:asBase64': '/w==' });
    const { list } = await ada.call('Blob/get', { ids: [id] });
    assert.deepEqual(list[0], { id, size: 1, 'data:asBase64': '/w==', isEncodingProblem: true });
    const text = await ada.call('Blob/get', { ids: [id], properties: ['data:asText'] });
    assert.deepEqual(text.list[0], { id, 'data:asText': null, isEncodingProblem: true });
    // A range may cut a character in two.
    const euro = await made({ 'data:asText': '€' });
    assert.equal((await ada.call('Blob/get', { ids: [euro], length: 2 })).list[0].isEncodingProblem, true);
  });

  it('finds messages and their parts, and only one’s own', async () => {
    await put(
      ada.account,
      'INBOX',
      'Content-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\nY2Fmw6k=\r\n',
    );
    const emails = await ada.account.emails();
    const id = emails.idAt(emails.count - 1);
    const { list, notFound } = await ada.call('Blob/get', { ids: [`m${id}-1`, `m${id}`, 'nonexistent'] });
    assert.deepEqual(list[0], { id: `m${id}-1`, size: 5, 'data:asText': 'café' });
    assert.match(list[1]['data:asText'], /^Content-Transfer-Encoding/);
    assert.deepEqual(notFound, ['nonexistent']);
    const bob = await service.person();
    assert.deepEqual((await bob.call('Blob/get', { ids: [`m${id}`, `m${id}-1`] })).notFound, [`m${id}`, `m${id}-1`]);
    const matched = await ada.call('Blob/lookup', {
      ids: [`m${id}-1`, 'nonexistent'],
      typeNames: ['Email', 'Mailbox', 'Thread'],
    });
    assert.deepEqual(matched.list, [
      {
        id: `m${id}-1`,
        matchedIds: {
          Email: [id],
          Mailbox: [ada.account.mailbox('INBOX')!.id],
          Thread: [emails.threadAt(emails.numberOf(id))],
        },
      },
    ]);
    assert.deepEqual(matched.notFound, ['nonexistent']);
    assert.deepEqual((await bob.call('Blob/lookup', { ids: [`m${id}`], typeNames: ['Email'] })).notFound, [`m${id}`]);
  });

  it('refuses wrong arguments', async () => {
    for (const args of [
      {},
      { ids: null },
      { ids: ['x'], properties: ['digest:md5'] },
      { ids: ['x'], offset: -1 },
      { ids: ['x'], length: 1.5 },
    ]) {
      assert.equal(await ada.errorOf('Blob/get', args), 'invalidArguments', JSON.stringify(args));
    }
  });
});

describe('Blob/lookup', () => {
  it('finds nothing for an upload, and knows which types there are', async () => {
    const id = await made({ 'data:asText': 'x' });
    const answer = await ada.call('Blob/lookup', { ids: [id, id], typeNames: ['Email'] });
    assert.deepEqual(answer.list, [{ id, matchedIds: { Email: [] } }]);
    assert.equal(await ada.errorOf('Blob/lookup', { ids: [id], typeNames: ['Nonsense'] }), 'unknownDataType');
    assert.equal(await ada.errorOf('Blob/lookup', { ids: [id] }), 'invalidArguments');
    const { methodResponses } = await ada.request(
      [['Blob/lookup', { accountId: ada.accountId, ids: [id], typeNames: ['Email'] }, '0']],
      { using: [capability.core, capability.blob] },
    );
    assert.equal(methodResponses[0]![1]['type'], 'unknownDataType');
  });
});

describe('what there is one account for', () => {
  it('Blob/copy has nowhere to copy from', async () => {
    const args = { blobIds: ['x'] };
    assert.equal(await ada.errorOf('Blob/copy', { ...args, fromAccountId: ada.accountId }), 'invalidArguments');
    const bob = await service.person();
    assert.equal(await ada.errorOf('Blob/copy', { ...args, fromAccountId: bob.accountId }), 'fromAccountNotFound');
    assert.equal(
      await ada.errorOf('Blob/copy', { ...args, fromAccountId: ada.accountId, accountId: bob.accountId }),
      'accountNotFound',
    );
  });
});
