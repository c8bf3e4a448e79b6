import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { type ProcessWrap, startTestOutbox, type TestOutbox } from '../../harness/mail-outbox.js';
import { letter } from '../../harness/store-messages.js';

/** A process that is gone from one moment on: whatever it would have written next is never written. */
const diesAtSave = (number: number): ProcessWrap => {
  let saves = 0;
  return {
    submissions: (real) => ({
      ...real,
      save: async (...args) => {
        saves += 1;
        if (saves >= number) throw new MailError('unavailable', 'the process is gone');
        return real.save(...args);
      },
    }),
  };
};

const leaseMs = 15_001;

describe('the outbox when processes die or race', () => {
  let lab: TestOutbox;
  before(async () => {
    lab = await startTestOutbox(['anne', 'bruno']);
  });
  after(() => lab.close());

  it('delivers once when its process dies between delivery and writing it down', async () => {
    const { id } = await lab.submit('anne', ['bruno@labo.example', 'nul@labo.example'], letter('une fois'));
    await assert.rejects(lab.send(diesAtSave(1)));
    assert.equal((await lab.inbox('bruno')).length, 1);
    assert.equal((await lab.document('anne', id)).state, 'taken');
    assert.equal(await lab.outbox.cancel(lab.account('anne'), id), 'tooLate', 'bruno may have it');
    await lab.send();
    assert.equal((await lab.document('anne', id)).state, 'taken', 'not before the lease ends');
    lab.clock.move(leaseMs);
    await lab.send();
    assert.equal((await lab.document('anne', id)).state, 'done');
    assert.equal((await lab.inbox('bruno')).length, 1);
    assert.equal((await lab.inbox('anne')).length, 1, 'one notice');
  });

  it('tells once when its process dies between the notice and writing it down', async () => {
    const before = (await lab.inbox('anne')).length;
    const { id } = await lab.submit('anne', ['nul@labo.example'], letter('un avis'));
    await assert.rejects(lab.send(diesAtSave(2)));
    assert.equal((await lab.inbox('anne')).length, before + 1);
    lab.clock.move(leaseMs);
    await lab.send();
    assert.equal((await lab.document('anne', id)).state, 'done');
    assert.equal((await lab.inbox('anne')).length, before + 1);
  });

  it('does not write down an outcome after its lease was lost', async () => {
    const before = (await lab.inbox('bruno')).length;
    const { id } = await lab.submit('anne', ['bruno@labo.example'], letter('lent'));
    await lab.send({
      deliver: (real) => async (message, signal) => {
        lab.clock.move(leaseMs);
        await lab.send();
        await real(message, signal);
        return message.recipients.map(() => ({ kind: 'failed', reply: '550 5.0.0 what the slow one believes' }));
      },
    });
    const { state, rcpt } = await lab.document('anne', id);
    assert.deepEqual([state, rcpt[0]!.state], ['done', 'sent']);
    assert.equal((await lab.inbox('bruno')).length, before + 1);
  });

  it('does not give back what may have arrived', async () => {
    const { id } = await lab.submit('anne', ['bruno@labo.example'], letter('qui sait'));
    await lab.send({
      deliver: (real) => async (message, signal) => {
        await real(message, signal);
        return message.recipients.map(() => ({ kind: 'later', reply: '451 4.3.0 no answer', doubt: true }));
      },
    });
    assert.equal(await lab.outbox.cancel(lab.account('anne'), id), 'tooLate');
    const before = (await lab.inbox('bruno')).length;
    lab.clock.move(3600_000);
    await lab.send();
    assert.equal((await lab.document('anne', id)).state, 'done');
    assert.equal((await lab.inbox('bruno')).length, before);
  });

  it('keeps what cannot be tried now', async () => {
    const { id } = await lab.submit('anne', ['bruno@labo.example'], letter('plus tard'));
    await lab.send({ deliver: () => () => Promise.reject(new MailError('unavailable', 'The store is away')) });
    const { state, rcpt } = await lab.document('anne', id);
    assert.deepEqual([state, rcpt[0]!.state, rcpt[0]!.reply], ['pending', 'queued', '451 4.3.0 The store is away']);
    lab.clock.move(3600_000);
    await lab.send();
    assert.equal((await lab.document('anne', id)).state, 'done');
  });

  it('sends each message once when many processes look for work at once', async () => {
    const before = (await lab.inbox('bruno')).length;
    const names = Array.from({ length: 30 }, (_, i) => `course ${i}`);
    await Promise.all(names.map((name) => lab.submit('anne', ['bruno@labo.example'], letter(name))));
    await Promise.all(Array.from({ length: 4 }, () => lab.send()));
    const got = (await lab.inbox('bruno')).slice(before);
    const subjects = got.map((octets) => /Subject: (.*)\r/.exec(octets)![1]!);
    assert.deepEqual(subjects.sort(), [...names].sort());
  });
});

describe('the outbox in bad weather', () => {
  let lab: TestOutbox;
  before(async () => {
    lab = await startTestOutbox(['anne', 'bruno', 'chloe'], 'bad');
  });
  after(() => lab.close());

  it('loses nothing that was accepted, and delivers nothing twice', async () => {
    const accepted = new Set<string>();
    const to = ['bruno@labo.example', 'chloe@labo.example', 'nul@labo.example'];
    const subjectsOf = (octets: readonly string[]) => octets.map((one) => /Subject: (n\d+)\r/.exec(one)?.[1]);
    for (let i = 0; i < 24; i++) {
      await lab.submit('anne', to, letter(`n${i}`)).then(
        () => accepted.add(`n${i}`),
        (error: unknown) => assert.equal((error as MailError).code, 'unavailable'),
      );
      if (i % 4 === 0) await Promise.allSettled([lab.send(), lab.send()]);
    }
    for (let i = 0; i < 60 && (await lab.collection.next(1)).length > 0; i++) {
      lab.clock.move(3600_000);
      await Promise.allSettled([lab.send(), lab.send()]);
    }
    for (const name of ['bruno', 'chloe']) {
      const subjects = subjectsOf(await lab.inbox(name));
      assert.equal(new Set(subjects).size, subjects.length, 'twice');
      for (const subject of accepted) assert.ok(subjects.includes(subject), `${subject} is lost`);
    }
    const notices = await lab.inbox('anne');
    assert.ok(notices.length >= accepted.size && new Set(notices).size === notices.length);
    assert.ok(accepted.size > 5);
  });
});
