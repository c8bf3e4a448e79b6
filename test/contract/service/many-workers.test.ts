import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ImapClient } from '../../harness/imap-client.js';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';

/** What holds over all workers of a service, on whichever of them a connection lands. */
describe('two workers', { timeout: 120_000 }, () => {
  let laboratory: Laboratory;
  before(async () => {
    laboratory = await openLaboratory(['anne', 'bruno', 'chloe'], {
      environment: { VAGUEMESTRE_MAX_CONNECTIONS_PER_ACCOUNT: '5', VAGUEMESTRE_WORKERS: '2' },
    });
  });
  after(() => laboratory.stop());

  const tryLogin = async (name: string): Promise<ImapClient | undefined> => {
    const client = await ImapClient.connect({ port: laboratory.service.port('imaps'), tls: true });
    const reply = await client.command(`LOGIN ${laboratory.address(name)} "${laboratory.password}"`);
    if (reply.status === 'OK') return client;
    assert.match(reply.code ?? '', /^LIMIT/);
    client.destroy();
    return undefined;
  };

  it('let in as many connections of a person as the setting says, between them', async () => {
    const tries = await Promise.all(Array.from({ length: 12 }, () => tryLogin('anne')));
    const inside = tries.filter((client) => client !== undefined);
    assert.equal(inside.length, 5);
    const other = await laboratory.imap('bruno');
    await other.logout();
    await inside[0]!.logout();
    let again: ImapClient | undefined;
    for (let i = 0; again === undefined && i < 100; i++) again = await tryLogin('anne');
    assert.ok(again, 'the place was not given back');
    for (const client of [...inside.slice(1), again]) client.destroy();
  });

  it('end the sessions of who is disabled or removed, and say why', async () => {
    const sessions = await Promise.all(Array.from({ length: 4 }, () => laboratory.imap('bruno')));
    await sessions[0]!.ok('SELECT INBOX');
    sessions[0]!.write('i1 IDLE\r\n');
    await sessions[0]!.continuation();
    const stays = await laboratory.imap('anne');
    const disabled = await laboratory.command('user', 'disable', laboratory.address('bruno'));
    assert.equal(disabled.code, 0, disabled.errors);
    for (const session of sessions) {
      const bye = await session.untagged('BYE');
      assert.equal(bye.code, 'AUTHORIZATIONFAILED');
      await session.closedByServer();
    }
    const gone = await laboratory.imap('chloe');
    const removed = await laboratory.command('user', 'remove', laboratory.address('chloe'), '--yes');
    assert.equal(removed.code, 0, removed.errors);
    await gone.untagged('BYE');
    await gone.closedByServer();
    await stays.ok('NOOP');
    await stays.logout();
  });
});
