import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ImapFlow } from 'imapflow';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';

/** imapflow, a modern client: CONDSTORE, UIDPLUS, MOVE, SPECIAL-USE, LIST-STATUS, IDLE. */
let laboratory: Laboratory;

before(async () => {
  laboratory = await openLaboratory(['flow']);
});
after(() => laboratory.stop());

function connect(): ImapFlow {
  return new ImapFlow({
    host: '127.0.0.1',
    port: laboratory.service.port('imaps'),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: laboratory.address('flow'), pass: laboratory.password },
    logger: false,
  });
}

const messageOf = (subject: string) =>
  Buffer.from(`From: A <a@b.example>\r\nSubject: ${subject}\r\n\r\nBonjour ${subject}\r\n`);

test('imapflow lists, appends, reads, flags, moves, searches, deletes', { timeout: 60_000 }, async () => {
  const client = connect();
  await client.connect();
  const list = await client.list();
  assert.ok(list.some((box) => box.path === 'INBOX'));
  for (const use of ['\\Sent', '\\Drafts', '\\Trash', '\\Junk']) {
    assert.ok(
      list.some((box) => box.specialUse === use),
      `no mailbox for ${use}`,
    );
  }
  await client.mailboxCreate('Projets/Été');
  for (let i = 1; i <= 3; i++) {
    const appended = await client.append('Projets/Été', messageOf(`n${i}`), ['\\Flagged'], new Date(2024, 1, i));
    assert.ok(appended && appended.uid === i);
  }
  const lock = await client.getMailboxLock('Projets/Été');
  try {
    const all = await client.fetchAll('1:*', {
      uid: true,
      flags: true,
      envelope: true,
      bodyStructure: true,
      source: true,
      size: true,
      internalDate: true,
    });
    assert.deepEqual(
      all.map((one) => one.envelope?.subject),
      ['n1', 'n2', 'n3'],
    );
    assert.deepEqual(all[0]?.source, messageOf('n1'));
    assert.ok(all[0]?.flags?.has('\\Flagged'));
    assert.equal(all[0]?.bodyStructure?.type, 'text/plain');
    assert.ok(await client.messageFlagsAdd('1', ['\\Seen', '$Label1']));
    assert.deepEqual(await client.search({ seen: true }, { uid: true }), [1]);
    assert.deepEqual(await client.search({ keyword: '$label1' }, { uid: true }), [1]);
    assert.deepEqual(await client.search({ body: 'bonjour N3' }, { uid: true }), [3]);
    const moved = await client.messageMove('2', 'INBOX', { uid: true });
    assert.ok(moved && moved.uidMap?.get(2) === 1);
    assert.ok(await client.messageDelete('3', { uid: true }));
    assert.deepEqual(
      (await client.fetchAll('1:*', { uid: true })).map((one) => one.uid),
      [1],
    );
  } finally {
    lock.release();
  }
  const status = await client.status('INBOX', { messages: true, unseen: true, uidNext: true, highestModseq: true });
  assert.ok(status && status.messages === 1);
  await client.mailboxDelete('Projets/Été');
  await client.logout();
});

test('a delivery reaches imapflow in IDLE within a second', { timeout: 60_000 }, async () => {
  const client = connect();
  await client.connect();
  const lock = await client.getMailboxLock('INBOX');
  const told = new Promise<number>((resolve) =>
    client.once('exists', (event: { count: number }) => resolve(event.count)),
  );
  const idling = client.idle();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = client.mailbox === false ? 0 : client.mailbox.exists;
  const lmtp = await laboratory.lmtp();
  await lmtp.lhlo();
  const start = performance.now();
  const [reply] = await lmtp.deliver({ to: [laboratory.address('flow')], message: messageOf('idle') });
  assert.equal(reply?.code, 250);
  assert.equal(await told, before + 1);
  assert.ok(performance.now() - start < 1000, 'told within a second');
  await lmtp.quit();
  lock.release();
  client.close();
  await idling.catch(() => undefined);
});
