/** What Thunderbird 153 was seen to send, command by command, with what it needs of each answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mail } from '../../harness/imap-service.js';
import { startPop3Service } from '../../harness/pop3-service.js';

test('the dialogue of Thunderbird', async () => {
  const service = await startPop3Service();
  try {
    for (let i = 1; i <= 3; i++) service.deliver('bob', mail(`letter ${i}`, '.dot\r\n'));
    const client = await service.connect();
    const capabilities = await client.capabilities();
    for (const one of ['TOP', 'UIDL', 'USER', 'SASL PLAIN']) assert.ok(capabilities.includes(one), one);
    // The credentials on a line of their own, although SASL-IR would spare a round trip.
    assert.equal(await client.command('AUTH PLAIN'), '+ ');
    assert.match(await client.command(Buffer.from('\0bob@labo.example\0secret').toString('base64')), /^\+OK/);
    assert.match(await client.command('STAT'), /^\+OK 3 \d+$/);
    const sizes = (await client.multi('LIST')).map((line) => Number(line.split(' ')[1]));
    const uids = (await client.multi('UIDL')).map((line) => line.split(' ')[1]);
    assert.equal(new Set(uids).size, 3);
    for (let n = 1; n <= 3; n++) {
      const lines = await client.multi(`RETR ${n}`);
      assert.equal(
        lines.reduce((sum, line) => sum + line.length + 2, 0),
        sizes[n - 1],
      );
      assert.equal(lines.at(-1), '.dot');
    }
    assert.match(await client.quit(), /^\+OK/);

    // The second round, with everything left on the server: the same names, so no RETR.
    const again = await service.login('bob');
    assert.deepEqual(
      (await again.multi('UIDL')).map((line) => line.split(' ')[1]),
      uids,
    );
    await again.quit();
  } finally {
    await service.close();
  }
});
