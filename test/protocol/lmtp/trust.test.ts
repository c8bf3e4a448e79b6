import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { ensureLmtpSecret, isSecret } from '@vaguemestre/server/lmtp/secret';
import { findVerdict } from '@vaguemestre/server/lmtp/verdict';
import { makeSelfSigned } from '@vaguemestre/server/net/self-signed';
import { createTlsContext } from '@vaguemestre/server/net/tls-context';
import { HeaderHead } from '@vaguemestre/server/smtp/header-head';
import fc from 'fast-check';
import { connectLines, lineClient } from '../../harness/line-client.js';
import { lmtpUnderTest } from '../../harness/lmtp-listener.js';
import { temporaryTls } from '../../harness/temporary-tls.js';

describe('trust over LMTP', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vaguemestre-lmtp-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('makes one secret, for its owner alone, however many ask', async () => {
    const secrets = await Promise.all(Array.from({ length: 10 }, () => ensureLmtpSecret(folder)));
    const kept = (await readFile(join(folder, 'lmtp.secret'), 'utf8')).trim();
    assert.ok(kept.length >= 43);
    for (const secret of secrets) assert.equal(secret, kept);
    assert.equal((await stat(join(folder, 'lmtp.secret'))).mode & 0o777, 0o600);
  });

  it('takes a secret that an administrator wrote, and no empty one', async () => {
    await writeFile(join(folder, 'lmtp.secret'), 'chosen by hand \n');
    assert.equal(await ensureLmtpSecret(folder), 'chosen by hand');
    await writeFile(join(folder, 'lmtp.secret'), '\n');
    await assert.rejects(ensureLmtpSecret(folder), /is empty/);
    assert.equal(isSecret(Buffer.from('a'), 'a'), true);
    assert.equal(isSecret(Buffer.from('a'), 'ab'), false);
    assert.equal(isSecret(Buffer.alloc(0), 'a'), false);
  });

  it('believes the holder of a client certificate', async () => {
    const tls = await temporaryTls();
    const relay = makeSelfSigned(['relay.example']);
    const clientCaFile = join(folder, 'relay-ca.pem');
    await writeFile(clientCaFile, relay.cert);
    const context = await createTlsContext({ ...tls.files, clientCaFile });
    const lmtp = await lmtpUnderTest({ listener: { tls: context } });
    const offersXclient = async (pair: { cert: string; key: string } | object): Promise<boolean> => {
      const client = await connectLines({ port: lmtp.port });
      client.send('LHLO x.example\r\nSTARTTLS\r\n');
      while (!(await client.line()).endsWith('Begin TLS'));
      const socket = tlsConnect({ socket: client.socket, rejectUnauthorized: false, ...pair });
      const secure = lineClient(socket);
      secure.send('LHLO x.example\r\n');
      const lines = [await secure.line()];
      while (lines.at(-1)?.[3] === '-') lines.push(await secure.line());
      socket.destroy();
      return lines.some((line) => line.includes('XCLIENT'));
    };
    assert.equal(await offersXclient(relay), true);
    assert.equal(await offersXclient(makeSelfSigned(['relay.example'])), false);
    assert.equal(await offersXclient({}), false);
    await lmtp.close();
    await tls.remove();
  });

  it('delivers over a Unix socket', async () => {
    const path = join(folder, 'lmtp.sock');
    const lmtp = await lmtpUnderTest({ listener: { address: { kind: 'unix', path } } });
    const client = await connectLines({ path });
    client.send('LHLO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nBDAT 1 LAST\r\nx');
    let line = await client.line();
    while (!line.endsWith('Delivered')) line = await client.line();
    const prefix = Buffer.from(lmtp.recorder.deliveries[0]!.recipients[0]!.prefix).toString();
    assert.match(prefix, /Received: from x\.example \(local\)\r\n/);
    client.close();
    await lmtp.close();
  });
});

describe('verdict', () => {
  it('is found in the header alone, by name, first one first', () => {
    const found = (text: string): unknown => findVerdict(Buffer.from(text));
    assert.equal(found('A: b\r\nX-Vaguemestre-Verdict:spam\r\n\r\n'), 'spam');
    assert.equal(found('x-vaguemestre-verdict: Suspect ; score=3\r\nX-Vaguemestre-Verdict: clean\r\n'), 'suspect');
    assert.equal(found('A: b\nX-Vaguemestre-Verdict: clean\n\n'), 'clean');
    for (const none of [
      '',
      '\r\nX-Vaguemestre-Verdict: spam\r\n',
      'A: b\r\n\r\nX-Vaguemestre-Verdict: spam\r\n',
      'A: b\n\nX-Vaguemestre-Verdict: spam\n',
      'A:\r\n X-Vaguemestre-Verdict: spam\r\n',
      'X-Vaguemestre-Verdicts: spam\r\n',
      'X-Vaguemestre-Verdict: spammy\r\n',
      'X-Vaguemestre-Verdict:\r\n spam\r\n',
    ]) {
      assert.equal(found(none), undefined, none);
    }
  });

  it('waits for the end of the header and no longer, however the octets are cut', () => {
    const piece = fc.constantFrom('A: b\r\n', 'x', '\r', '\n', '\r\n', 'X-Vaguemestre-Verdict: spam\r\n');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat(300)), (pieces, cuts) => {
        const octets = Buffer.from(pieces.join(''));
        const head = new HeaderHead(64 * 1024);
        let from = 0;
        let done = false;
        for (const at of [...cuts.map((cut) => cut % (octets.length + 1)).sort((a, b) => a - b), octets.length]) {
          if (done || at === from) continue;
          done = head.push(octets.subarray(from, at));
          from = at;
          // Nothing that decides is missing when it says so.
          const text = head.octets.toString('latin1');
          assert.equal(done, /\n\r?\n/.test(text));
        }
        assert.deepEqual(head.octets, octets.subarray(0, from));
        if (done) assert.equal(findVerdict(head.octets), findVerdict(octets));
      }),
      { numRuns: 2000 },
    );
    const endless = new HeaderHead(64 * 1024);
    let pushed = 0;
    while (!endless.push(Buffer.alloc(1000, 'x'))) pushed += 1000;
    assert.ok(pushed < 70_000);
  });
});
