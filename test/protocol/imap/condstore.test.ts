import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { fetched, type ImapClient, type Reply } from '../../harness/imap-client.js';
import { type ImapService, mail, startImapService } from '../../harness/imap-service.js';

const modseqOf = (reply: Reply, sequence: number): number => {
  const value = fetched(reply.untagged).get(sequence)?.get('MODSEQ');
  assert.ok(Array.isArray(value), `no MODSEQ for ${sequence}`);
  return Number(value[0]);
};
const highest = (reply: Reply): number | undefined => {
  const said = reply.untagged.find((each) => each.code?.startsWith('HIGHESTMODSEQ '));
  return said === undefined ? undefined : Number(said.code!.slice('HIGHESTMODSEQ '.length));
};

describe('CONDSTORE (RFC 7162)', () => {
  let service: ImapService;
  let client: ImapClient;
  beforeEach(async () => {
    await service?.close();
    service = await startImapService();
    for (let i = 1; i <= 4; i++) service.deliver('INBOX', mail(`m${i}`));
    client = await service.login();
  });
  after(() => service.close());

  it('grows HIGHESTMODSEQ on delivery', async () => {
    const before = highest(await client.ok('SELECT INBOX'))!;
    service.deliver('INBOX', mail('new'));
    const status = await client.ok('STATUS INBOX (HIGHESTMODSEQ)');
    const values = status.untagged.find((each) => each.name === 'STATUS')!.values[1] as string[];
    assert.ok(Number(values[1]) > before);
  });

  it('is switched on by FETCH MODSEQ and says HIGHESTMODSEQ once', async () => {
    await client.ok('SELECT INBOX');
    assert.equal(
      fetched((await client.ok('STORE 1 +FLAGS (\\Seen)')).untagged)
        .get(1)
        ?.has('MODSEQ'),
      false,
    );
    const reply = await client.ok('FETCH 1:2 (MODSEQ)');
    assert.ok(highest(reply) !== undefined);
    assert.ok(modseqOf(reply, 1) > modseqOf(reply, 2));
    assert.equal(highest(await client.ok('FETCH 1 (MODSEQ)')), undefined);
    assert.ok(modseqOf(await client.ok('STORE 2 +FLAGS (\\Seen)'), 2) > modseqOf(reply, 1));
    const seen = await client.ok('FETCH 3 BODY[]');
    assert.ok(modseqOf(seen, 3) > 0);
  });

  it('gives MODSEQ with SILENT too', async () => {
    await client.ok('SELECT INBOX (CONDSTORE)');
    const reply = await client.ok('UID STORE 1:2 +FLAGS.SILENT (\\Seen)');
    assert.ok(modseqOf(reply, 1) > 0);
    assert.equal(fetched(reply.untagged).get(1)?.has('FLAGS'), false);
    assert.equal(fetched(reply.untagged).get(1)?.get('UID'), '1');
  });

  it('lists what changed since', async () => {
    await client.ok('ENABLE CONDSTORE');
    const start = highest(await client.ok('SELECT INBOX'))!;
    await client.ok('STORE 3 +FLAGS (\\Seen)');
    const reply = await client.ok(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${start})`);
    assert.deepEqual([...fetched(reply.untagged).keys()], [3]);
    assert.ok(modseqOf(reply, 3) > start);
    // iOS sends 0, which the grammar does not have.
    assert.equal(fetched((await client.ok('UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0)')).untagged).size, 4);
  });

  it('leaves alone what others changed (UNCHANGEDSINCE)', async () => {
    await client.ok('SELECT INBOX (CONDSTORE)');
    const known = highest(await client.ok('SELECT INBOX'))!;
    const other = await service.login();
    await other.ok('SELECT INBOX');
    await other.ok('STORE 2 +FLAGS (\\Flagged)');
    const reply = await client.ok(`STORE 1:3 (UNCHANGEDSINCE ${known}) +FLAGS (\\Seen)`);
    assert.equal(reply.code, 'MODIFIED 2');
    const told = fetched(reply.untagged);
    assert.deepEqual(told.get(1)?.get('FLAGS'), ['\\Seen']);
    assert.deepEqual(told.get(2)?.get('FLAGS'), ['\\Flagged'], "the other's change is told, ours was not made");
    const uid = await client.ok(`UID STORE 2 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\\Seen)`);
    assert.equal(uid.code, 'MODIFIED 2');
  });

  it('keeps conditions to their own command when STOREs are pipelined', async () => {
    await client.ok('SELECT INBOX (CONDSTORE)');
    const known = highest(await client.ok('SELECT INBOX'))!;
    const other = await service.login();
    await other.ok('SELECT INBOX');
    await other.ok('STORE 2 +FLAGS (\\Flagged)');
    client.write(
      [1, 2, 3].map((i) => `c${i} UID STORE ${i} (UNCHANGEDSINCE ${known}) +FLAGS.SILENT (\\Seen)\r\n`).join('') +
        'c4 UID STORE 4 +FLAGS.SILENT (\\Seen)\r\n',
    );
    const codes: (string | undefined)[] = [];
    for (const i of [1, 2, 3, 4]) {
      const reply = await client.reply(`c${i}`);
      assert.equal(reply.status, 'OK');
      codes.push(reply.code);
    }
    assert.deepEqual(codes, [undefined, 'MODIFIED 2', undefined, undefined]);
    const flags = fetched((await client.ok('FETCH 1:4 FLAGS')).untagged);
    assert.deepEqual(
      [1, 2, 3, 4].map((i) => (flags.get(i)!.get('FLAGS') as string[]).includes('\\Seen')),
      [true, false, true, true],
    );
  });

  it('puts MODSEQ and UID into updates', async () => {
    await client.ok('SELECT INBOX (CONDSTORE)');
    const other = await service.login();
    await other.ok('SELECT INBOX');
    await other.ok('STORE 2 +FLAGS (\\Flagged)');
    const reply = await client.ok('NOOP');
    assert.ok(modseqOf(reply, 2) > 0);
    assert.equal(fetched(reply.untagged).get(2)?.get('UID'), '2');
  });

  it('says HIGHESTMODSEQ after EXPUNGE', async () => {
    await client.ok('SELECT INBOX (CONDSTORE)');
    await client.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
    const reply = await client.ok('EXPUNGE');
    assert.match(reply.code!, /^HIGHESTMODSEQ \d+$/);
  });
});
