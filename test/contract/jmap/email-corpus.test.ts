/**
 * Real and hostile mail through the service: every message answers Email/get with everything there is, its parts are downloaded with
 * the octets that were promised, what lists show is what the message says, and it can be attached to a new message and come back.
 * Short form: some of the package; all of `VAGUEMESTRE_TEST_CORPUS`. `VAGUEMESTRE_TEST_LONG=1` takes more.
 */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { headerForms } from '@vaguemestre/shared/jmap/email';
import { type CorpusMessage, extraCorpus, spamAssassin } from '../../harness/corpus.js';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { inboxOf, stageMessage } from '../../harness/store-messages.js';

const long = process.env['VAGUEMESTRE_TEST_LONG'] === '1';
const every = long ? 6 : 60;
const listed = ['subject', 'from', 'to', 'cc', 'sentAt', 'messageId', 'hasAttachment', 'preview', 'size', 'references'];
const whole = [
  'bodyStructure',
  'textBody',
  'htmlBody',
  'attachments',
  'bodyValues',
  'headers',
  'bcc',
  'sender',
  'replyTo',
  'inReplyTo',
];
/** In every form that is allowed for fields no standard names. */
const forms = headerForms.flatMap((form) => [`header:X-Mailer:${form}`, `header:X-Mailer:${form}:all`]);
const perCall = 50;

let service: JmapService;
let anne: JmapPerson;
before(async () => {
  service = await startJmapService({ maxUploadBytes: 200_000_000 });
  anne = await service.person();
});
after(() => service.close());

async function* messages(): AsyncGenerator<CorpusMessage> {
  let index = 0;
  for await (const message of spamAssassin()) if (index++ % every === 0) yield message;
  yield* extraCorpus();
}

async function import_(): Promise<Map<string, CorpusMessage>> {
  const byId = new Map<string, CorpusMessage>();
  let batch: CorpusMessage[] = [];
  const flush = async (): Promise<void> => {
    const items = [];
    for (const { octets } of batch) items.push({ message: await stageMessage(anne.account, octets), flags: [] });
    const { ids } = await anne.account.append(inboxOf(anne.account), items);
    for (const [i, id] of ids.entries()) byId.set(id, batch[i]!);
    batch = [];
  };
  for await (const message of messages()) {
    batch.push(message);
    if (batch.length === 100) await flush();
  }
  if (batch.length > 0) await flush();
  return byId;
}

function leaves(part: Answer): readonly Answer[] {
  return part.subParts === undefined ? [part] : part.subParts.flatMap(leaves);
}

it('every message is answered whole, and its parts are what was promised', async () => {
  const corpus = await import_();
  const ids = [...corpus.keys()];
  for (let start = 0; start < ids.length; start += perCall) {
    const some = ids.slice(start, start + perCall);
    const args = { ids: some, fetchAllBodyValues: true, maxBodyValueBytes: 20_000 };
    const { list } = await anne.call('Email/get', { ...args, properties: [...listed, ...whole, ...forms] });
    const { list: short } = await anne.call('Email/get', { ids: some, properties: listed });
    assert.equal(list.length, some.length);
    for (const [i, email] of list.entries() as Iterable<[number, Answer]>) {
      const { name, octets } = corpus.get(email.id)!;
      assert.equal(email.size, octets.length, name);
      for (const property of listed) assert.deepEqual(email[property], short[i][property], `${name}: ${property}`);
      const parts = leaves(email.bodyStructure);
      const shown = [...email.textBody, ...email.htmlBody, ...email.attachments];
      assert.ok(
        shown.every((part) => parts.some(({ partId }) => partId === part.partId)),
        `${name}: the lists are of the tree`,
      );
      assert.ok(
        parts.every(({ partId }) => shown.some((part) => part.partId === partId)),
        `${name}: nothing is hidden`,
      );
      for (const { value } of Object.values(email.bodyValues) as Answer[])
        assert.ok(Buffer.byteLength(value) <= 20_000, name);
      // A download is a request: of one message in four in the short form.
      for (const part of i % 4 === 0 || long ? parts.slice(0, 4) : []) {
        const reply = await anne.fetch(`/jmap/download/${anne.accountId}/${part.blobId}/x`);
        assert.equal(reply.status, 200, name);
        assert.equal((await reply.arrayBuffer()).byteLength, part.size, `${name}: part ${part.partId}`);
      }
    }
  }
  assert.ok(ids.length >= 100);
});

it('what is attached to a new message comes back octet for octet', async () => {
  const { ids } = await anne.call('Email/query', { limit: 40, filter: { hasAttachment: true } });
  const { list } = await anne.call('Email/get', { ids, properties: ['blobId', 'attachments', 'subject'] });
  for (const { blobId, attachments, subject } of list as Answer[]) {
    const [first] = attachments;
    const blobs = [
      { blobId, type: 'message/rfc822', name: 'été.eml' },
      { blobId: first.blobId, type: 'application/x-test', name: first.name },
    ];
    const { created } = await anne.call('Email/set', {
      create: { c: { mailboxIds: { [inboxOf(anne.account)]: true }, subject: 'forward', attachments: blobs } },
    });
    const [made] = (await anne.call('Email/get', { ids: [created.c.id], properties: ['attachments'] })).list;
    for (const [i, blob] of blobs.entries()) {
      const octetsOf = async (id: string): Promise<Buffer> =>
        Buffer.from(await (await anne.fetch(`/jmap/download/${anne.accountId}/${id}/x`)).arrayBuffer());
      const [back, given] = [await octetsOf(made.attachments[i].blobId), await octetsOf(blob.blobId)];
      // Where a broken message ends inside of a header, the line end before the delimiter counts as its own.
      const sameButLineEnd = back.length === given.length + 2 && back.subarray(0, -2).equals(given);
      assert.ok(back.equals(given) || (i === 0 && sameButLineEnd), `${subject}: ${blob.type}`);
    }
  }
  assert.ok(list.length > 3);
});
