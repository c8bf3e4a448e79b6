/**
 * Thunderbird itself takes mail by POP3. It is a large program and slow to start, so it runs when VAGUEMESTRE_TEST_THUNDERBIRD names it;
 * the dialogue that it was seen to hold is tried every time, in protocol/pop3/thunderbird.test.ts.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLaboratory } from '../../harness/laboratory.js';
import { openThunderbird } from '../../harness/thunderbird.js';

const path = process.env['VAGUEMESTRE_TEST_THUNDERBIRD'];

if (path !== undefined) {
  test('Thunderbird takes all of it, and nothing twice', { timeout: 600_000 }, async () => {
    const laboratory = await openLaboratory([]);
    try {
      await laboratory.add('tom', '--role', 'permanent', '--allow', 'pop3');
      const lmtp = await laboratory.lmtp();
      await lmtp.lhlo();
      const deliver = async (i: number): Promise<void> => {
        const message = Buffer.from(`From: a@labo.example\r\nSubject: ${i}\r\nMessage-ID: <${i}@x>\r\n\r\n.dot\r\n`);
        const [reply] = await lmtp.deliver({ to: [laboratory.address('tom')], message });
        assert.equal(reply?.code, 250);
      };
      for (let i = 1; i <= 5; i++) await deliver(i);
      const folder = join(laboratory.service.folder, 'thunderbird');
      mkdirSync(folder, { mode: 0o700 });
      const { service, password } = laboratory;
      const login = { port: service.port('pop3'), user: laboratory.address('tom'), password };
      const thunderbird = await openThunderbird(path, folder, login);
      try {
        assert.equal(await thunderbird.getMail(), 5);
        assert.equal(await thunderbird.getMail(), 5, 'left on the server, not taken again');
        await deliver(6);
        assert.equal(await thunderbird.getMail(), 6);
      } finally {
        await thunderbird.close();
      }
      await lmtp.quit();
    } finally {
      await laboratory.stop();
    }
  });
}
