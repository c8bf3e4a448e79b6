import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ImapClient, Reply, Untagged, Value } from '../../harness/imap-client.js';
import { type ImapService, startImapService } from '../../harness/imap-service.js';

function shown(reply: Reply, name = 'LIST'): string[] {
  return reply.untagged
    .filter((each) => each.name === name)
    .map(({ values }: Untagged) => {
      const [attributes, delimiter, path, extended] = values;
      assert.equal(String(delimiter), '/');
      const more = extended === undefined ? '' : ` ${JSON.stringify(text(extended))}`;
      return `${(attributes as Value[]).join(' ')}|${String(path)}${more}`;
    });
}

const text = (value: Value): unknown =>
  Array.isArray(value) ? value.map(text) : value === null ? null : String(value);

describe('LIST and LSUB', () => {
  let service: ImapService;
  let client: ImapClient;

  before(async () => {
    service = await startImapService();
    client = await service.login();
    await client.ok('CREATE "&AMk-t&AOk-/a"');
    await client.ok('CREATE gone/below');
    await client.ok('SUBSCRIBE gone/below');
    await client.ok('DELETE gone/below');
    await client.ok('DELETE gone');
  });
  after(() => service.close());

  it('answers an empty pattern with the delimiter and nothing else', async () => {
    for (const line of ['LIST "" ""', 'LIST INBOX ""', 'LIST "" "" RETURN (CHILDREN)']) {
      assert.deepEqual(shown(await client.ok(line)), ['\\Noselect|'], line);
    }
  });

  it('shows names in the encoding that is on', async () => {
    assert.deepEqual(shown(await client.ok('LIST "" "&AMk-*"')), [
      '\\HasChildren|&AMk-t&AOk-',
      '\\HasNoChildren|&AMk-t&AOk-/a',
    ]);
    const rev2 = await service.login('rev2');
    assert.deepEqual(shown(await rev2.ok('LIST "" "\u00c9*"')), [
      '\\HasChildren|\u00c9t\u00e9',
      '\\HasNoChildren|\u00c9t\u00e9/a',
    ]);
    assert.deepEqual(shown(await client.ok('LIST "" "&bad"')), []);
  });

  it('answers what phones send', async () => {
    const reply = await client.ok('LIST "" "%" RETURN (SPECIAL-USE STATUS (UNSEEN))');
    assert.ok(shown(reply).includes('\\HasNoChildren \\Sent|Sent'));
    const statuses = reply.untagged.filter((each) => each.name === 'STATUS');
    assert.equal(statuses.length, shown(reply).length);
    assert.deepEqual(
      statuses.map(({ values }) => text(values[1]!)),
      statuses.map(() => ['UNSEEN', '0']),
    );
  });

  it('answers what Thunderbird sends', async () => {
    const reply = await client.ok('list (subscribed) "" "*" return (special-use)');
    assert.deepEqual(shown(reply), [
      '\\HasNoChildren \\Subscribed|INBOX',
      '\\HasNoChildren \\Drafts \\Subscribed|Drafts',
      '\\HasNoChildren \\Junk \\Subscribed|Junk',
      '\\HasNoChildren \\Sent \\Subscribed|Sent',
      '\\HasNoChildren \\Trash \\Subscribed|Trash',
      '\\NonExistent \\Subscribed|gone/below',
    ]);
  });

  it('gives no STATUS of a name without a mailbox', async () => {
    const reply = await client.ok('LIST (SUBSCRIBED) "" gone/* RETURN (STATUS (MESSAGES))');
    assert.deepEqual(shown(reply), ['\\NonExistent \\Subscribed|gone/below']);
    assert.ok(!reply.untagged.some((each) => each.name === 'STATUS'));
  });

  it('tells of what is below with RECURSIVEMATCH', async () => {
    assert.deepEqual(shown(await client.ok('LIST (SUBSCRIBED RECURSIVEMATCH) "" g%')), [
      '\\NonExistent|gone ["CHILDINFO",["SUBSCRIBED"]]',
    ]);
  });

  it('LSUB shows parents with % only', async () => {
    assert.deepEqual(shown(await client.ok('LSUB "" g%'), 'LSUB'), ['\\Noselect|gone']);
    assert.deepEqual(shown(await client.ok('LSUB "" g*'), 'LSUB'), ['|gone/below']);
  });

  it('refuses what is no option', async () => {
    await client.bad('LIST (FOO) "" *');
    await client.bad('LIST (RECURSIVEMATCH) "" *');
    await client.bad('LIST "" * RETURN (FOO)');
    await client.bad('LIST ""');
  });
});
