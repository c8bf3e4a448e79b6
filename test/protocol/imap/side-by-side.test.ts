/** Sessions share one writer for their responses: what one says must never reach another, whatever goes wrong in between. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fetched, ImapClient } from '../../harness/imap-client.js';
import { accountOf, type ImapService, mail, startImapService } from '../../harness/imap-service.js';

describe('sessions side by side', () => {
  let service: ImapService;
  const clients: ImapClient[] = [];
  before(async () => {
    service = await startImapService();
    const large = 'y'.repeat(1_200_000);
    for (const who of ['alice', 'bob']) {
      for (let i = 0; i < 10; i++) {
        service.mailstore.deliver(
          accountOf(who),
          'INBOX',
          mail(`${who} ${i}`, `${who}'s text ${i === 5 ? large : i}\r\n`),
        );
      }
    }
    for (let i = 0; i < 12; i++) {
      const client = await ImapClient.connect({ port: service.port });
      await client.login(i % 2 === 0 ? 'alice' : 'bob', 'secret');
      await client.ok('EXAMINE INBOX');
      clients.push(client);
    }
  });
  after(async () => {
    for (const client of clients) client.destroy();
    await service.close();
  });

  it('answers each its own', async () => {
    const lines = [
      'FETCH 1:4 (UID BODY.PEEK[9] BINARY.SIZE[1] BODY.PEEK[TEXT] BODY.PEEK[8])',
      'FETCH 1:10 (FLAGS BODY.PEEK[9] BODY.PEEK[HEADER.FIELDS (Subject)] ENVELOPE)',
      'UID FETCH 1:10 (FLAGS)',
      'FETCH 5:7 (BODY.PEEK[9] BINARY.SIZE[1] BODY.PEEK[] BINARY.SIZE[1] BODY.PEEK[9])',
      'FETCH 1:10 (ENVELOPE BODY.PEEK[HEADER.FIELDS (Subject From)])',
    ];
    await Promise.all(
      clients.map(async (client, i) => {
        const [mine, other] = i % 2 === 0 ? ['alice', 'bob'] : ['bob', 'alice'];
        for (let round = 0; round < 10; round++) {
          const line = lines[(i + round) % lines.length]!;
          const reply = await client.ok(line);
          const messages = fetched(reply.untagged);
          assert.ok(messages.size >= 3, line);
          for (const items of messages.values()) {
            const text = [...items.values()].flat(9).map(String).join(' ');
            assert.ok(!text.includes(`Subject: ${other}`) && !text.includes(`${other}'s text`), line);
            if (line.includes('Subject')) assert.ok(text.includes(`Subject: ${mine}`), line);
          }
        }
      }),
    );
  });

  it('hangs up when a message breaks off in the middle of its literal', async () => {
    const victim = await service.login();
    await victim.ok('EXAMINE INBOX');
    service.alice.failNext.set('rest', new Error('the store went away'));
    await assert.rejects(victim.command('FETCH 6 (BODY.PEEK[])'));
    await victim.closedByServer();
  });

  it('keeps half an answer to itself when something fails in the middle', async () => {
    const [alice, bob] = [clients[0]!, clients[1]!];
    const state = service.mailstore.state(accountOf('alice'));
    const message = state.mailboxes[0]!.messages[3]!;
    const { flags } = message;
    // Reading its flags throws, in the middle of a batch of complete answers.
    Object.defineProperty(message, 'flags', { configurable: true, get: () => assert.fail('planted') });
    const failing = await Promise.all([
      alice.command('FETCH 1:10 (UID FLAGS ENVELOPE)'),
      bob.ok('FETCH 1:2 (UID FLAGS)'),
    ]);
    assert.equal(failing[0].code, 'SERVERBUG');
    const also = await alice.command('FETCH 1:10 (UID FLAGS BODY.PEEK[1])');
    assert.equal(also.code, 'SERVERBUG');
    Object.defineProperty(message, 'flags', { configurable: true, writable: true, value: flags });
    const healthy = await bob.ok('FETCH 1:2 (UID FLAGS)');
    assert.deepEqual([...fetched(healthy.untagged).keys()], [1, 2]);
    assert.equal(healthy.untagged.length, 2);
    assert.equal((await alice.ok('FETCH 1:10 (UID FLAGS)')).untagged.length, 10);
  });
});
