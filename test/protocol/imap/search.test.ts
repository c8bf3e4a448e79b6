import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ImapClient, Reply, Value } from '../../harness/imap-client.js';
import { type ImapService, mail, startImapService } from '../../harness/imap-service.js';

/** `* SEARCH` as numbers. */
function searched(reply: Reply): number[] {
  const found = reply.untagged.filter((each) => each.name === 'SEARCH');
  assert.equal(found.length, 1);
  return found[0]!.values.map(Number);
}

/** `* ESEARCH` as text, without its correlator, which must name the command. */
function esearched(reply: Reply): string {
  const found = reply.untagged.filter((each) => each.name === 'ESEARCH');
  assert.equal(found.length, 1);
  const [correlator, ...rest] = found[0]!.values;
  assert.deepEqual((correlator as Value[]).map(String), ['TAG', reply.tag]);
  return rest.map(String).join(' ');
}

describe('SEARCH', () => {
  let service: ImapService;
  let client: ImapClient;
  let rev2: ImapClient;

  before(async () => {
    service = await startImapService();
    service.deliver('INBOX', mail('one', 'budget\r\n'), ['\\Seen']);
    service.deliver('INBOX', mail('deux été', 'r\u00e9union\r\n'), ['\\Flagged']);
    service.deliver('INBOX', mail('three'), ['$Forwarded']);
    service.deliver('INBOX', mail('four', `${'x'.repeat(5000)}\r\n`));
    service.deliver('INBOX', mail('five'), ['\\Seen', '\\Deleted']);
    // UIDs and sequence numbers shall differ.
    const first = await service.login();
    await first.ok('SELECT INBOX');
    await first.ok('STORE 3 +FLAGS (\\Deleted)');
    await first.ok('UID EXPUNGE 3');
    client = await service.login();
    await client.ok('SELECT INBOX');
    rev2 = await service.login('rev2');
    await rev2.ok('SELECT INBOX');
  });
  after(() => service.close());

  const search = async (program: string): Promise<number[]> => searched(await client.ok(`SEARCH ${program}`));

  it('finds by flags, sets, sizes, texts', async () => {
    assert.deepEqual(await search('ALL'), [1, 2, 3, 4]);
    assert.deepEqual(await search('SEEN'), [1, 4]);
    assert.deepEqual(await search('UNSEEN FLAGGED'), [2]);
    assert.deepEqual(await search('OR FLAGGED (SEEN NOT DELETED)'), [1, 2]);
    assert.deepEqual(await search('UNKEYWORD $Forwarded'), [1, 2, 3, 4]);
    assert.deepEqual(await search('LARGER 4000'), [3]);
    assert.deepEqual(await search('SUBJECT "one"'), [1]);
    assert.deepEqual(await search('BODY {6+}\r\nbudget'), [1]);
    assert.deepEqual(await search('CHARSET UTF-8 TEXT "R\u00c9UNION"'), [2]);
    assert.deepEqual(await search('SENTON 8-Feb-1994'), [1, 2, 3, 4]);
    assert.deepEqual(await search('SINCE 1-Jan-2100'), []);
  });

  it('takes sets as the trap collection wants them', async () => {
    assert.deepEqual(await search('*:3'), [3, 4]);
    assert.deepEqual(await search('2,999'), [2]);
    assert.deepEqual(await search('UID 999:*'), [4]);
    assert.deepEqual(searched(await client.ok('UID SEARCH UID 1:4')), [1, 2, 4]);
    assert.deepEqual(searched(await client.ok('UID SEARCH 3:4')), [4, 5]);
  });

  it('answers RETURN with ESEARCH', async () => {
    assert.equal(esearched(await client.ok('SEARCH RETURN () SEEN')), 'ALL 1,4');
    assert.equal(esearched(await client.ok('UID SEARCH RETURN (MIN MAX COUNT) ALL')), 'UID MIN 1 MAX 5 COUNT 4');
    assert.equal(esearched(await client.ok('SEARCH RETURN (ALL COUNT) DRAFT')), 'COUNT 0');
    assert.equal(esearched(await client.ok('UID SEARCH RETURN (ALL) DRAFT')), 'UID');
  });

  it('answers with ESEARCH always once IMAP4rev2 is enabled', async () => {
    assert.equal(esearched(await rev2.ok('SEARCH UNSEEN')), 'ALL 2:3');
    assert.equal(esearched(await rev2.ok('UID SEARCH DRAFT')), 'UID');
  });

  it('keeps a result for $', async () => {
    const saved = await client.ok('SEARCH RETURN (SAVE) SEEN');
    assert.equal(saved.untagged.length, 0);
    assert.deepEqual(await search('$'), [1, 4]);
    assert.deepEqual(await search('UID $ DELETED'), [4]);
    assert.equal((await client.ok('FETCH $ (UID)')).untagged.length, 2);
    assert.equal(esearched(await client.ok('SEARCH RETURN (SAVE MIN) $')), 'MIN 1');
    assert.deepEqual(await search('$'), [1]);
    // In one line of commands: the second sees what the first saved.
    client.write('p1 UID SEARCH RETURN (SAVE) FLAGGED\r\np2 UID FETCH $ (FLAGS)\r\n');
    await client.reply('p1');
    assert.equal((await client.reply('p2')).untagged.filter((each) => each.name === 'FETCH').length, 1);
  });

  it('empties $ when a search that should fill it fails, and leaves it when the command is wrong', async () => {
    await client.ok('SEARCH RETURN (SAVE) ALL');
    await client.bad('SEARCH RETURN (SAVE) FOO');
    assert.deepEqual(await search('$'), [1, 2, 3, 4]);
    await client.ok('SELECT INBOX');
    assert.deepEqual(await search('$'), []);
  });

  it('finds by MODSEQ, says the highest, and enables CONDSTORE', async () => {
    const fresh = await service.login();
    await fresh.ok('SELECT INBOX');
    const reply = await fresh.ok('SEARCH MODSEQ 1');
    assert.ok(reply.untagged.some((each) => each.code?.startsWith('HIGHESTMODSEQ')));
    const values = reply.untagged.find((each) => each.name === 'SEARCH')!.values;
    assert.deepEqual(values.slice(0, 4), ['1', '2', '3', '4']);
    assert.equal((values[4] as Value[])[0], 'MODSEQ');
    const flags = await fresh.ok('STORE 1 +FLAGS ($x)');
    assert.match(JSON.stringify(flags.untagged), /MODSEQ/);
  });

  it('finds by EMAILID', async () => {
    const reply = await client.ok('FETCH 2 (EMAILID)');
    const [, [id]] = reply.untagged[0]!.values[0] as [string, [string]];
    assert.deepEqual(await search(`EMAILID ${id}`), [2]);
    assert.deepEqual(await search('EMAILID nobody'), []);
  });

  it('says what is wrong', async () => {
    const charset = await client.command('SEARCH CHARSET X-KLINGON ALL');
    assert.deepEqual([charset.status, charset.code?.split(' ')[0]], ['NO', 'BADCHARSET']);
    await client.bad('SEARCH');
    await client.bad('SEARCH NOT ()');
    await client.bad(`SEARCH ${'NOT '.repeat(200)}ALL`);
    const outside = await service.login();
    await outside.bad('SEARCH ALL');
  });

  it('tells of no expunge with a search by sequence numbers', async () => {
    const other = await service.login();
    await other.ok('SELECT INBOX');
    service.deliver('INBOX', mail('six'), ['\\Deleted']);
    await client.ok('NOOP');
    await other.ok('NOOP');
    await other.ok('UID EXPUNGE 6');
    const held = await client.ok('SEARCH ALL');
    assert.deepEqual(searched(held), [1, 2, 3, 4, 5]);
    assert.ok(!held.untagged.some((each) => each.name === 'EXPUNGE'));
    const told = await client.ok('UID SEARCH ALL');
    assert.ok(told.untagged.some((each) => each.name === 'EXPUNGE'));
    assert.deepEqual(await search('ALL'), [1, 2, 3, 4]);
  });
});
