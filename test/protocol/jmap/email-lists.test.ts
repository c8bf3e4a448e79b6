/** RFC 8620 5.5, RFC 8621 4.4: the order of lists where comparators say nothing more, and how words are ordered. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { type Arguments, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { inboxOf, stageMessage } from '../../harness/store-messages.js';

const sameSecond = 1_700_000_000;

async function deliver(account: Account, head: string, receivedAt = sameSecond): Promise<string> {
  const message = await stageMessage(account, Buffer.from(`${head}\r\n\r\nx\r\n`));
  const creates = [{ message, mailboxes: [inboxOf(account)], flags: [], receivedAt }];
  const [made] = (await account.setEmails({ creates, updates: [], destroys: [] })).created;
  assert.ok(made !== undefined && 'id' in made);
  return made.id;
}

describe('a list of emails', () => {
  let service: JmapService;
  let anne: JmapPerson;
  let ids: string[];
  before(async () => {
    service = await startJmapService();
    anne = await service.person();
    ids = [];
    for (let i = 0; i < 7; i++) ids.push(await deliver(anne.account, `Message-ID: <${i}@x>\r\nSubject: same`));
  });
  after(() => service.close());

  const list = async (args: Arguments): Promise<string[]> => (await anne.call('Email/query', args)).ids;

  it('of one second has the newer first where the newest come first, whatever it is sorted by', async () => {
    const newestFirst = [...ids].reverse();
    assert.deepEqual(await list({}), newestFirst);
    for (const property of ['receivedAt', 'size', 'from', 'to', 'subject', 'sentAt'] as const) {
      assert.deepEqual(await list({ sort: [{ property, isAscending: false }] }), newestFirst, property);
      assert.deepEqual(await list({ sort: [{ property }] }), ids, property);
      const sort = [{ property }, { property: 'receivedAt', isAscending: false }];
      assert.deepEqual(await list({ sort }), newestFirst, `${property}, then the newest`);
    }
    for (const property of ['hasKeyword', 'allInThreadHaveKeyword', 'someInThreadHaveKeyword'] as const) {
      const keyword = '$seen';
      assert.deepEqual(await list({ sort: [{ property, keyword, isAscending: false }] }), newestFirst, property);
      assert.deepEqual(await list({ sort: [{ property, keyword }] }), ids, property);
    }
    assert.deepEqual(await list({ filter: { text: 'same' } }), newestFirst, 'also when it is searched for');
    assert.deepEqual(await list({ filter: { text: 'same' }, limit: 3 }), newestFirst.slice(0, 3));
  });

  it('orders words as people do, and as a collation says if one is named', async () => {
    const bruno = await service.person();
    const subjects = ['user2@x', 'user@x', 'User 10', 'été', 'Eta', 'zoo', '[b] c', 'a_b', 'a b', ''];
    const subjectOf = new Map<string, string>();
    for (const [i, subject] of subjects.entries()) {
      subjectOf.set(await deliver(bruno.account, `Message-ID: <w${i}@x>\r\nFrom: "${subject}" <a@x>`), subject);
    }
    const sorted = async (more: Arguments): Promise<(string | undefined)[]> =>
      (await bruno.call('Email/query', { sort: [{ property: 'from', ...more }] })).ids.map((id: string) =>
        subjectOf.get(id),
      );
    const people = [...subjects].map((subject) => subject || 'a@x');
    const collator = new Intl.Collator('en');
    people.sort(collator.compare);
    assert.deepEqual(
      (await sorted({})).map((subject) => subject || 'a@x'),
      people,
    );
    for (const collation of ['i;ascii-casemap', 'i;unicode-casemap']) {
      const octets = await sorted({ collation });
      assert.deepEqual(octets.indexOf('user2@x') < octets.indexOf('user@x'), true, collation);
      assert.equal(octets.length, subjects.length);
    }
    assert.equal(
      await bruno.errorOf('Email/query', { sort: [{ property: 'from', collation: 'i;nonsense' }] }),
      'unsupportedSort',
    );
  });
});
