/** RFC 8620 section 6 over a socket: uploads and downloads, and that nobody gets at what is somebody else's. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { downloadHeaders } from '@vaguemestre/server/http/jmap/download-headers';
import type { UploadedBlob } from '@vaguemestre/shared/jmap/core';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { put } from '../../harness/mail-account.js';

let service: JmapService;
let ada: JmapPerson;
let bob: JmapPerson;
const maxUploadBytes = 8_000_000;

before(async () => {
  service = await startJmapService({ maxUploadBytes });
  ada = await service.person();
  bob = await service.person();
});
after(() => service.close());

const upload = (
  person: JmapPerson,
  body: string | Uint8Array<ArrayBuffer>,
  type = 'text/plain',
  accountId = person.accountId,
) => person.fetch(`/jmap/upload/${accountId}/`, { method: 'POST', headers: { 'content-type': type }, body });

async function uploaded(
  person: JmapPerson,
  body: string | Uint8Array<ArrayBuffer>,
  type?: string,
): Promise<UploadedBlob> {
  const reply = await upload(person, body, type);
  assert.equal(reply.status, 201);
  return (await reply.json()) as UploadedBlob;
}

const download = (person: JmapPerson, id: string, name = 'file.bin', type = '', accountId = person.accountId) =>
  person.fetch(
    `/jmap/download/${accountId}/${id}/${encodeURIComponent(name)}${type === '' ? '' : `?type=${encodeURIComponent(type)}`}`,
  );

const octets = async (reply: Response): Promise<Buffer> => Buffer.from(await reply.arrayBuffer());

const message = [
  'From: ada@labo.example',
  'Subject: parts',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'caf=C3=A9',
  '--b',
  'Content-Type: image/png',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('not really a picture').toString('base64'),
  '--b',
  'Content-Type: message/rfc822',
  '',
  'Subject: inner',
  '',
  'inner body',
  '--b--',
  '',
].join('\r\n');

async function emailIdOf(person: JmapPerson, octetsOfMessage: string): Promise<string> {
  await put(person.account, 'INBOX', octetsOfMessage);
  const emails = await person.account.emails();
  return emails.idAt(emails.count - 1);
}

describe('an upload', () => {
  it('gives an id, the type and the size, and comes back octet by octet', async () => {
    const data = new Uint8Array(randomBytes(2_500_001));
    const blob = await uploaded(ada, data, 'image/png');
    assert.equal(blob.accountId, ada.accountId);
    assert.equal(blob.type, 'image/png');
    assert.equal(blob.size, data.length);
    assert.match(blob.blobId, /^[A-Za-z0-9_-]{1,255}$/);
    const reply = await download(ada, blob.blobId);
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('content-length'), String(data.length));
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    assert.equal(hash(await octets(reply)), hash(data));
  });

  it('is not mended, not read as mail, and may be empty', async () => {
    for (const text of ['', 'a\nb\rc\r\n', '\0\ufeff']) {
      const blob = await uploaded(ada, text);
      assert.equal((await octets(await download(ada, blob.blobId))).toString(), text);
    }
  });

  it('without a type, or with one that cannot stand in a header, is octets', async () => {
    const without = await ada.fetch(`/jmap/upload/${ada.accountId}/`, { method: 'POST', body: Uint8Array.of(1) });
    assert.equal(((await without.json()) as UploadedBlob).type, 'application/octet-stream');
    assert.equal((await uploaded(ada, 'x', 'text/html; x')).type, 'application/octet-stream');
    assert.equal((await uploaded(ada, 'x', 'text/plain; charset="utf-8"')).type, 'text/plain; charset="utf-8"');
  });

  it('that is too large is refused, declared or not, and leaves nothing', async () => {
    const declared = await upload(ada, new Uint8Array(maxUploadBytes + 1));
    assert.equal(declared.status, 413);
    const told: Answer = await declared.json();
    assert.equal(told.type, 'urn:ietf:params:jmap:error:limit');
    assert.equal(told.limit, 'maxSizeUpload');
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 9; i++) controller.enqueue(new Uint8Array(1_000_000));
        controller.close();
      },
    });
    const streamed = await ada
      .fetch(`/jmap/upload/${ada.accountId}/`, { method: 'POST', body: stream, duplex: 'half' } as RequestInit)
      .catch(() => undefined);
    // The connection may be cut while the client is still sending.
    assert.ok(streamed === undefined || streamed.status === 413);
  });

  it('is only for one’s own account', async () => {
    assert.equal((await upload(ada, 'x', 'text/plain', bob.accountId)).status, 404);
    assert.equal((await upload(ada, 'x', 'text/plain', 'nobody')).status, 404);
  });
});

describe('a download', () => {
  it('of a message is what IMAP gives, and of its parts what they decode to', async () => {
    const id = await emailIdOf(ada, message);
    const whole = await download(ada, `m${id}`, 'mail.eml');
    assert.equal(whole.headers.get('content-type'), 'message/rfc822');
    assert.equal((await octets(whole)).toString(), message);
    const part = async (path: string) => (await octets(await download(ada, `m${id}${path}`))).toString();
    assert.equal(await part('-1'), 'café');
    assert.equal(await part('-2'), 'not really a picture');
    assert.equal(await part('-3'), 'Subject: inner\r\n\r\ninner body');
    assert.equal(await part('-3-1'), 'inner body');
    assert.equal((await download(ada, `m${id}-4`)).status, 404);
    assert.equal((await download(ada, `m${id}-1-1`)).status, 404);
  });

  it('of a message from an upload that is mail finds its parts', async () => {
    const blob = await uploaded(ada, message, 'message/rfc822');
    const part = `${blob.blobId}-1`;
    assert.equal((await octets(await download(ada, part))).toString(), 'café');
  });

  it('has the type and the name that the client wants, as an attachment in a sandbox', async () => {
    const { blobId: id } = await uploaded(ada, '<script>alert(1)</script>', 'text/html');
    const reply = await download(ada, id, 'rapport "été" 50%.html', 'application/octet-stream');
    assert.equal(reply.headers.get('content-type'), 'application/octet-stream');
    assert.equal(
      reply.headers.get('content-disposition'),
      `attachment; filename="rapport __t__ 50_.html"; filename*=UTF-8''rapport%20%22%C3%A9t%C3%A9%22%2050%25.html`,
    );
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
    assert.match(String(reply.headers.get('content-security-policy')), /^sandbox; default-src 'none'/);
    assert.equal(reply.headers.get('cache-control'), 'private, immutable, max-age=31536000');
    assert.equal(reply.headers.get('cross-origin-resource-policy'), 'same-origin');
  });

  it('has a name as long as file names are, with slashes and whatever else', async () => {
    const { blobId: id } = await uploaded(ada, 'x');
    for (const name of ['é'.repeat(255), `${'会'.repeat(250)}.pdf`, 'a/b\\c', '...', '%2F', '?#&', ' ']) {
      const reply = await download(ada, id, name);
      assert.equal(reply.status, 200, name);
      const given = /filename\*=UTF-8''(\S*)$/.exec(String(reply.headers.get('content-disposition')))?.[1];
      assert.equal(decodeURIComponent(String(given)), name.replaceAll(/[/\\]/g, '_'));
    }
  });

  it('is kept by a browser for an hour on a computer of one’s own, and not at all elsewhere', () => {
    const blob = { id: 'x', size: 1, type: 'text/plain', octets: () => [] as never };
    const cached = (browser: { readonly own: boolean } | undefined): unknown => {
      const headers = new Map<string, unknown>();
      const reply = { header: (name: string, value: unknown) => headers.set(name, value) };
      downloadHeaders(reply as never, blob, { name: 'x', type: '', browser });
      return headers.get('cache-control');
    };
    assert.equal(cached({ own: true }), 'private, immutable, max-age=3600');
    assert.equal(cached({ own: false }), 'private, no-store');
  });

  it('cannot be made to write headers', async () => {
    const { blobId: id } = await uploaded(ada, 'x');
    for (const type of ['text/html\r\nset-cookie: a=b', 'text/html;a="\r\n"', 'no type', '']) {
      const reply = await download(ada, id, 'a\r\nset-cookie: c=d', type);
      assert.equal(reply.status, 200);
      assert.equal(reply.headers.get('set-cookie'), null);
      assert.equal(reply.headers.get('content-type'), 'text/plain');
      assert.match(String(reply.headers.get('content-disposition')), /filename="a__set-cookie: c=d"/);
    }
  });

  it('of what is not there, or not one’s own, is the same 404', async () => {
    const theirs = await uploaded(bob, 'secret');
    const theirMail = await emailIdOf(bob, message);
    const mine = await uploaded(ada, 'x');
    // The content of a message is not an upload, though its id has the same form.
    const myMail = await emailIdOf(ada, message);
    const ids = [
      theirs.blobId,
      `m${theirMail}`,
      `m${theirMail}-1`,
      `u${myMail}`,
      `m${mine.blobId.slice(1)}`,
      'nonexistent',
      'm',
      'm..%2f',
    ];
    const bodies = new Set<string>();
    for (const id of ids) {
      const reply = await download(ada, id);
      assert.equal(reply.status, 404, id);
      bodies.add(await reply.text());
    }
    assert.equal(bodies.size, 1);
    assert.equal((await download(ada, theirs.blobId, 'x', '', bob.accountId)).status, 404);
    assert.equal((await download(bob, theirs.blobId)).status, 200);
  });

  it('of a message that was deleted is 404 at once', async () => {
    const id = await emailIdOf(ada, message);
    const { account } = ada;
    const inbox = account.mailbox('INBOX')!;
    const emails = await account.emails();
    const uids = Uint32Array.from(emails.placesOf(emails.numberOf(id)).map(({ uid }) => uid));
    await account.storeFlags(inbox.id, { uids, mode: 'add', flags: ['\\Deleted'] });
    await account.expunge(inbox.id, uids);
    assert.equal((await download(ada, `m${id}`)).status, 404);
  });
});
