/** Automatic answers for accounts that ended, from the delivery to the sender's mailbox, and dying in the middle. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Person } from '@vaguemestre/server/auth/people';
import { decodeEncodedWords } from '@vaguemestre/server/codec/mime/encoded-words';
import { type AnswerParts, answerForEnded } from '@vaguemestre/server/life/auto-answers';
import { type EndingPeople, startEndingPeople } from '../../harness/ending-people.js';

const { signal } = new AbortController();

describe('answers for somebody who left', () => {
  let lab: EndingPeople;
  let tom: Person;
  let claire: Person;
  let serial = 0;
  before(async () => {
    lab = await startEndingPeople('2026-06-01T12:00Z');
    claire = await lab.add('claire', { name: 'Claire Moreau' });
    await lab.add('paul');
    tom = await lab.add('tom', {
      role: 'intern',
      sponsor: 'claire',
      name: 'Tom Évain',
      lang: 'en',
      lastDay: '2026-06-30',
      movedTo: 'tom@new.example',
    });
  });
  after(() => lab.close());

  const mail = (fields: readonly string[] = []): string =>
    [
      `To: tom@labo.example`,
      `Subject: s${++serial}`,
      `Message-ID: <m${serial}@x.example>`,
      ...fields,
      '',
      'hello',
      '',
    ].join('\r\n');
  /** Recipients of all answers: the clock stands, so there is no order of time. */
  const answered = async (): Promise<string[]> => {
    const { db } = lab.store.connection;
    const all = await db.collection('submissions').find({ a: tom._id }).toArray();
    return all.flatMap(({ rcpt }) => (rcpt as { address: string }[]).map(({ address }) => address)).sort();
  };
  const look = (parts: AnswerParts = lab.answers) => answerForEnded(parts, signal);

  it('begin after the last day and are sent once', async () => {
    await lab.deliver(tom, 'early@x.example', mail());
    await look();
    lab.at('2026-06-30T21:59Z');
    await look();
    lab.at('2026-06-30T22:10Z');
    await look();
    assert.deepEqual(await answered(), [], 'what came before the end was read, or could have been');
    await lab.deliver(tom, 'claire@labo.example', mail(['References: <r@x.example>']));
    await lab.deliver(tom, 'claire@labo.example', mail());
    await look();
    await look();
    assert.deepEqual(await answered(), ['claire@labo.example']);
    await lab.outbox.send();
    const [answer = ''] = await lab.inbox(claire._id);
    assert.match(answer, /^Return-Path: <>\r\n/);
    assert.match(answer, /^Auto-Submitted: auto-replied\r$/m);
    assert.match(answer, /^In-Reply-To: <m2@x\.example>\r$/m);
    assert.match(answer, /^References: <r@x\.example> <m2@x\.example>\r$/m);
    const subject = /^Subject: (.*)\r$/m.exec(answer)?.[1] ?? '';
    assert.equal(decodeEncodedWords(subject), 'Automatic reply: s2');
    const body = Buffer.from(answer.slice(answer.indexOf('\r\n\r\n')).replaceAll('=\r\n', ''), 'latin1').toString();
    const [english, french] = [
      body.indexOf('New address: tom@new.example'),
      body.indexOf('Nouvelle adresse : tom@new.example'),
    ];
    assert.ok(english > 0 && french > english, 'the language of the person first');
    assert.ok(body.includes('please write to Claire Moreau <claire@labo.example>'));
  });

  it('go to no list, no machine, no junk, nothing imported, and never to an answer', async () => {
    const before = await answered();
    await lab.deliver(tom, 'a@x.example', mail(['List-Id: <x>']));
    await lab.deliver(tom, 'b@x.example', mail(['Auto-Submitted: auto-replied']));
    await lab.deliver(tom, '', mail());
    const account = await lab.store.mailstore.openAccount(tom._id, { by: 'test' });
    const incoming = account.receive({ maxBytes: 10_000 });
    await incoming.write(Buffer.from(mail(['Return-Path: <c@x.example>'])));
    await account.append(account.mailboxByRole('inbox')!.id, [{ message: await incoming.finish(), flags: [] }]);
    account.release();
    const prefix = Buffer.from('Return-Path: <d@x.example>\r\n');
    const spam = lab.store.mailstore.beginDelivery([{ account: tom._id, prefix, junk: true }], { maxBytes: 10_000 });
    await spam.write(Buffer.from(mail()));
    await spam.commit();
    await look();
    assert.deepEqual(await answered(), before);
  });

  it('are given to each sender again after a week, and to everybody else at once', async () => {
    await lab.deliver(tom, 'jean@ailleurs.example', mail());
    await look();
    assert.deepEqual(await answered(), ['claire@labo.example', 'jean@ailleurs.example']);
    lab.at('2026-07-07T08:00Z');
    await lab.deliver(tom, 'Jean@Ailleurs.example', mail());
    await look();
    assert.equal((await answered()).length, 2);
    lab.at('2026-07-08T08:00Z');
    await lab.deliver(tom, 'jean@ailleurs.example', mail());
    await look();
    assert.equal((await answered()).length, 3);
  });

  it('are sent once by a process that dies at any point', async () => {
    for (let death = 1; death <= 4; death++) {
      const sender = `death-${death}@x.example`;
      await lab.deliver(tom, sender, mail());
      const die = () => Promise.reject(new Error('dies'));
      const { answers } = lab;
      const dying: AnswerParts[] = [
        { ...answers, answered: { claim: die } },
        { ...answers, answered: { claim: async (...of) => (await answers.answered.claim(...of)) && die() } },
        { ...answers, outbox: { submit: async (...of) => answers.outbox.submit(...of).then(die) } },
        { ...answers, lives: { ...answers.lives, markAnswered: die } },
      ];
      await look(dying[death - 1]);
      await look();
      assert.equal((await answered()).filter((one) => one === sender).length, 1, `death ${death}`);
    }
  });

  it('end after thirty days, and with another end date', async () => {
    const before = (await answered()).length;
    lab.at('2026-07-30T20:00Z');
    await lab.deliver(tom, 'last@x.example', mail());
    await look();
    assert.equal((await answered()).length, before + 1);
    lab.at('2026-07-31T05:00Z');
    await lab.deliver(tom, 'late@x.example', mail());
    await look();
    assert.equal((await answered()).length, before + 1);
    const nina = await lab.add('nina', { lastDay: '2026-08-01' });
    lab.at('2026-08-02T10:00Z');
    await lab.people.update('nina', { expires: undefined });
    await lab.deliver(nina, 'x@x.example', mail().replace('tom@', 'nina@'));
    await look();
    const { db } = lab.store.connection;
    assert.equal(await db.collection('submissions').countDocuments({ a: nina._id }), 0);
  });
});
