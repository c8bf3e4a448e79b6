import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { messageFacts } from '@vaguemestre/server/codec/mime/message-facts';
import { startTestOutbox, type TestOutbox } from '../../harness/mail-outbox.js';
import { letter } from '../../harness/store-messages.js';

const hourMs = 3600_000;
const dayMs = 24 * hourMs;

describe('the outbox', () => {
  let lab: TestOutbox;
  before(async () => {
    lab = await startTestOutbox(['anne', 'bruno', 'chloe', 'plein', 'eve']);
  });
  after(() => lab.close());

  const stateOf = async (name: string, id: string) => {
    const { state, rcpt } = await lab.document(name, id);
    return [state, ...rcpt.map((one) => one.state)];
  };

  it('delivers to people of the laboratory, without Bcc and with its trace', async () => {
    const octets = letter('réunion', 'à demain\r\n', ['Bcc: chloe@labo.example', 'Cc: x@labo.example']);
    const sent = await lab.submit('anne', ['bruno@labo.example', 'chloe@labo.example'], octets);
    assert.equal(sent.undoStatus, 'pending');
    await lab.send();
    assert.deepEqual(await stateOf('anne', sent.id), ['done', 'sent', 'sent']);
    const [forBruno] = await lab.inbox('bruno');
    const [forChloe] = await lab.inbox('chloe');
    assert.match(
      forBruno!,
      /^Return-Path: <anne@labo\.example>\r\nDelivered-To: bruno@labo\.example\r\nReceived: from mx/,
    );
    assert.match(forChloe!, /Delivered-To: chloe@labo\.example\r\n/);
    const expected = octets.toString().replace('Bcc: chloe@labo.example\r\n', '');
    for (const got of [forBruno, forChloe]) {
      assert.ok(got!.includes('Message-ID: <'), 'what RFC 5322 3.6.4 asks for is added');
      assert.ok(got!.replace(/Message-ID: .*\r\n/, '').endsWith(expected));
    }
  });

  it('delivers a message of many pieces as it was written', async () => {
    const octets = letter('gros', 'x'.repeat(3_300_000), ['Message-ID: <a@b>']);
    await lab.submit('anne', ['bruno@labo.example'], octets);
    await lab.send();
    assert.ok((await lab.inbox('bruno')).at(-1)!.endsWith(octets.toString()));
  });

  it('takes back what waits, and says when it is too late', async () => {
    const before = (await lab.inbox('bruno')).length;
    const notBeforeMs = lab.clock.nowMs() + 10_000;
    const undone = await lab.submit('anne', ['bruno@labo.example'], letter('non'), { notBeforeMs });
    const kept = await lab.submit('anne', ['bruno@labo.example'], letter('oui'), { notBeforeMs });
    assert.equal(kept.sendAt.getTime(), notBeforeMs);
    await lab.send();
    assert.equal(await lab.outbox.cancel(lab.account('anne'), undone.id), 'cancelled');
    assert.equal(await lab.outbox.cancel(lab.account('anne'), undone.id), 'cancelled', 'twice is once');
    assert.equal(await lab.outbox.cancel(lab.account('bruno'), kept.id), 'nonexistent', "another's");
    lab.clock.move(10_001);
    await lab.send();
    const inbox = await lab.inbox('bruno');
    assert.equal(inbox.length, before + 1);
    assert.match(inbox.at(-1)!, /Subject: oui/);
    assert.equal(await lab.outbox.cancel(lab.account('anne'), kept.id), 'tooLate');
    const [seen] = await lab.outbox.get(lab.account('anne'), [undone.id]);
    assert.equal(seen?.undoStatus, 'canceled');
  });

  it('holds what has to leave the laboratory, and lets it be taken back', async () => {
    const held = await lab.submit('anne', ['jean@ailleurs.example'], letter('dehors'));
    await lab.send();
    assert.deepEqual(await stateOf('anne', held.id), ['pending', 'held']);
    const counts = await lab.outbox.counts();
    assert.equal(counts.held, 1);
    lab.clock.move(2 * hourMs);
    await lab.send();
    assert.deepEqual(await stateOf('anne', held.id), ['pending', 'held']);
    lab.clock.move(2 * hourMs);
    await lab.send();
    const notices = await lab.inbox('anne');
    assert.equal(notices.length, 1, 'its sender hears of it, once');
    assert.match(notices[0]!, /n'a pas encore pu \u00eatre remis/);
    assert.match(notices[0]!, /\r\nAction: delayed\r\nStatus: 4\.\d+\.\d+\r\n/);
    assert.equal(await lab.outbox.cancel(lab.account('anne'), held.id), 'cancelled');
    assert.equal((await lab.outbox.counts()).waiting, 0);
  });

  it('does not let a message be taken back that somebody has already', async () => {
    const both = await lab.submit('anne', ['bruno@labo.example', 'jean@ailleurs.example'], letter('les deux'));
    await lab.send();
    assert.deepEqual(await stateOf('anne', both.id), ['taken', 'sent', 'held']);
    const [seen] = await lab.outbox.get(lab.account('anne'), [both.id]);
    assert.equal(seen?.undoStatus, 'final');
    assert.equal(await lab.outbox.cancel(lab.account('anne'), both.id), 'tooLate');
    const before = (await lab.inbox('bruno')).length;
    lab.clock.move(2 * hourMs);
    await lab.send();
    assert.equal((await lab.inbox('bruno')).length, before, 'who has it does not get it again');
  });

  it('tells its sender in their language of whom it did not reach', async () => {
    const failed = await lab.submit(
      'anne',
      ['personne@labo.example', { address: 'rien@labo.example', notify: ['never'] }, 'bruno@labo.example'],
      letter('égarée', 'corps\r\n', ['Message-ID: <perdue@labo.example>', 'Bcc: secret@labo.example']),
      { envelope: { from: 'anne@labo.example', envid: 'QQ314159' } },
    );
    await lab.send();
    assert.deepEqual(await stateOf('anne', failed.id), ['done', 'failed', 'failed', 'sent']);
    const notice = (await lab.inbox('anne')).at(-1);
    const facts = messageFacts(Buffer.from(notice!));
    assert.equal(facts.subject, 'Message non remis : égarée');
    assert.match(notice!, /^Return-Path: <>\r\n/);
    assert.match(notice!, /\r\nIn-Reply-To: <perdue@labo\.example>\r\n/);
    assert.match(notice!, /personne n'a cette adresse ici/);
    assert.match(notice!, /\r\nOriginal-Envelope-Id: QQ314159\r\n/);
    assert.match(notice!, /Final-Recipient: rfc822; personne@labo\.example\r\nAction: failed\r\nStatus: 5\.1\.1\r\n/);
    assert.ok(!notice!.includes('rien@labo.example'), 'NOTIFY=NEVER');
    assert.ok(!notice!.includes('secret'), 'no Bcc comes back either');
    const structure = Buffer.from(facts.bodyStructure).toString();
    assert.match(structure, /"TEXT" "PLAIN".*"MESSAGE" "DELIVERY-STATUS".*"TEXT" "RFC822-HEADERS".*"REPORT"/i);
    const before = (await lab.inbox('anne')).length;
    await lab.send();
    assert.equal((await lab.inbox('anne')).length, before);
  });

  it('confirms a delivery to who asked for it, in English, and returns the message when it was asked for', async () => {
    await lab.submit(
      'eve',
      [
        { address: 'bruno@labo.example', notify: ['success'], orcpt: 'rfc822;b.runo@old.example' },
        { address: 'nobody@labo.example', notify: ['failure'] },
      ],
      letter('both', 'the whole body\r\n'),
      { lang: 'en', envelope: { from: 'eve@labo.example', ret: 'full' } },
    );
    await lab.send();
    const [notice] = await lab.inbox('eve');
    assert.match(
      notice!,
      /Original-Recipient: rfc822;b\.runo@old\.example\r\nFinal-Recipient: .*\r\nAction: delivered/,
    );
    assert.match(notice!, /nobody has this address here/);
    assert.match(notice!, /Content-Type: message\/rfc822\r\n/);
    assert.match(notice!, /the whole body/);
  });

  it('tries a full mailbox again, then gives up and says so', async () => {
    lab.limit('plein', 10);
    const late = await lab.submit('anne', ['plein@labo.example'], letter('plus tard'));
    const never = await lab.submit('anne', ['plein@labo.example'], letter('jamais'));
    await lab.send();
    assert.deepEqual(await stateOf('anne', late.id), ['pending', 'queued']);
    const { rcpt, due } = await lab.document('anne', late.id);
    assert.match(rcpt[0]!.reply!, /^452 4\.2\.2 /);
    assert.ok(due!.getTime() <= lab.clock.nowMs() + 60_000);
    lab.limit('plein', undefined);
    lab.clock.move(60_001);
    // one of the two, then the mailbox is full again
    await lab.outbox.cancel(lab.account('anne'), never.id);
    await lab.send();
    assert.deepEqual(await stateOf('anne', late.id), ['done', 'sent']);
    lab.limit('plein', 10);
    const lost = await lab.submit('anne', ['plein@labo.example'], letter('perdu'));
    await lab.send();
    lab.clock.move(5 * dayMs + hourMs);
    await lab.send();
    assert.deepEqual(await stateOf('anne', lost.id), ['done', 'failed']);
    assert.match((await lab.inbox('anne')).at(-1)!, /sa boîte est restée pleine[\s\S]*Status: 5\.2\.2/);
  });

  it('keeps a notice until its reader has room for it', async () => {
    lab.limit('eve', 10);
    const failed = await lab.submit('eve', ['personne@labo.example'], letter('x'));
    await lab.send();
    assert.deepEqual(await stateOf('eve', failed.id), ['taken', 'failed']);
    const before = (await lab.inbox('eve')).length;
    lab.limit('eve', undefined);
    lab.clock.move(hourMs);
    await lab.send();
    assert.deepEqual(await stateOf('eve', failed.id), ['done', 'failed']);
    assert.equal((await lab.inbox('eve')).length, before + 1);
  });

  it('refuses what does not end its header, what is too large, and more than the outbox keeps', async () => {
    const endless = Buffer.from(`X: ${'y'.repeat(1_100_000)}`);
    await assert.rejects(lab.submit('anne', ['bruno@labo.example'], endless), { code: 'invalid' });
    await assert.rejects(lab.submit('anne', [], letter('x')), { code: 'invalid' });
    const submission = { octets: once(letter('x')), size: 2 ** 31, maxBytes: 1e9 };
    const anne = {
      account: lab.account('anne'),
      emailId: '',
      threadId: '',
      identityId: '',
      envelope: { from: '' },
      recipients: [{ address: 'bruno@labo.example' }],
      notBeforeMs: 0,
      lang: 'fr',
    } as const;
    await assert.rejects(lab.outbox.submit(anne, submission), { code: 'limit' });
    const large = { octets: once(letter('x')), size: 10, maxBytes: 20 };
    await assert.rejects(lab.outbox.submit(anne, large), { code: 'tooBig' });
  });
});

async function* once(octets: Uint8Array): AsyncIterable<Uint8Array> {
  yield octets;
}
