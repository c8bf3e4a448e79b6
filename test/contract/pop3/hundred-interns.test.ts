/**
 * The first of September: a hundred interns, moved in with the passwords of the old system, take their mail in the same moment, each
 * all of it and nobody else's. VAGUEMESTRE_INTERN_MESSAGES sets how many messages each has (100 in the long form).
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { spamAssassin } from '../../harness/corpus.js';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import { connectPop3 } from '../../harness/pop3-client.js';

const interns = Array.from({ length: 100 }, (_, i) => `stagiaire${i + 1}`);
const shared = Number(process.env['VAGUEMESTRE_INTERN_MESSAGES'] ?? 6);

function oldHash(password: string): string {
  const salt = randomBytes(8);
  const digest = createHash('sha1').update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
}

const digestOf = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');

/** Behind Return-Path, Delivered-To and Received. */
function contentOf(lines: readonly string[]): string {
  let at = lines.findIndex((line) => line.startsWith('Received: ')) + 1;
  while (/^[ \t]/.test(lines[at] ?? '')) at++;
  return `${lines.slice(at).join('\r\n')}\r\n`;
}

describe('a hundred interns at once', { timeout: 600_000 }, () => {
  let laboratory: Laboratory;
  const expected: string[] = [];
  const own = (name: string): string => `To: ${name}\r\nSubject: for ${name} alone\r\n\r\n.\r\n`;

  before(async () => {
    laboratory = await openLaboratory(['claire']);
    const rows = interns.map((name) => `${name},intern,${oldHash(`mot de passe ${name}`)},claire,2099-07-31`);
    const table = join(laboratory.service.folder, 'interns.csv');
    await writeFile(table, `address,role,hash,sponsor,expires\n${rows.join('\n')}\n`);
    const imported = await laboratory.command('user', 'import', table);
    assert.equal(imported.code, 0, imported.errors);
    const lmtp = await laboratory.lmtp();
    await lmtp.lhlo();
    const deliver = async (to: readonly string[], message: Buffer): Promise<void> => {
      const replies = await lmtp.deliver({ to: to.map(laboratory.address), message });
      assert.ok(replies.every(({ code }) => code === 250));
    };
    for await (const { octets } of spamAssassin(shared)) {
      const message = octets.at(-1) === 0x0a ? octets : Buffer.concat([octets, Buffer.from('\r\n')]);
      await deliver(interns, message);
      expected.push(digestOf(message.toString('latin1')));
    }
    for (const name of interns) await deliver([name], Buffer.from(own(name)));
    await lmtp.quit();
  });
  after(() => laboratory.stop());

  async function takeAll(name: string): Promise<number> {
    const client = await connectPop3(laboratory.service.port('pop3s'), { tls: true });
    await client.login(name, `mot de passe ${name}`);
    const stat = await client.ok('STAT');
    const uids = await client.multi('UIDL');
    assert.equal(uids.length, shared + 1, `${name}: ${stat}`);
    let octets = 0;
    const digests: string[] = [];
    for (let n = 1; n <= uids.length; n++) {
      const lines = await client.multi(`RETR ${n}`);
      octets += lines.reduce((sum, line) => sum + line.length + 2, 0);
      digests.push(digestOf(contentOf(lines)));
      await client.ok(`DELE ${n}`);
    }
    assert.deepEqual(digests, [...expected, digestOf(own(name))], name);
    assert.equal(octets, Number(stat.split(' ')[1]), `${name}: the sizes that STAT added up`);
    assert.match(await client.quit(), /^\+OK/);
    return octets;
  }

  test('each takes all of it and nobody another one has', async (t) => {
    const started = performance.now();
    const octets = await Promise.all(interns.map(takeAll));
    const seconds = (performance.now() - started) / 1000;
    const total = octets.reduce((sum, each) => sum + each, 0);
    t.diagnostic(
      `${interns.length} interns, ${interns.length * (shared + 1)} messages, ${(total / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s`,
    );
  });

  test('a second round finds nothing new', async () => {
    const left = await Promise.all(
      interns.map(async (name) => {
        const client = await connectPop3(laboratory.service.port('pop3s'), { tls: true });
        await client.login(name, `mot de passe ${name}`);
        const listed = await client.multi('UIDL');
        await client.quit();
        return listed.length;
      }),
    );
    assert.deepEqual(new Set(left), new Set([0]));
  });
});
