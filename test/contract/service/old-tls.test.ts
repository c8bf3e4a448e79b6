/** The listeners for Eudora: TLS 1.0 with RSA, off unless switched on, in the laboratory only, for those who need them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import { connectTlsLines } from '../../harness/line-client.js';

/** As Eudora 7.1 comes: no ECDHE, no GCM, no SNI, TLS 1.0. */
const eudora = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES256-SHA:AES128-SHA:@SECLEVEL=0' } as const;

describe('old TLS', { timeout: 120_000 }, () => {
  let laboratory: Laboratory;
  before(async () => {
    const environment = {
      VAGUEMESTRE_LISTEN_POP3S_LEGACY: '127.0.0.1:0',
      VAGUEMESTRE_LISTEN_SUBMISSIONS_LEGACY: '127.0.0.1:0',
      VAGUEMESTRE_LOG_LEVEL: 'info',
    };
    laboratory = await openLaboratory(['anne'], { environment });
    await laboratory.add('eve', '--role', 'permanent', '--eudora');
    await laboratory.add('all', '--role', 'permanent', '--allow', 'pop3');
  });
  after(() => laboratory.stop());

  it('serves Eudora, and marks it in the audit log', async () => {
    const client = await connectTlsLines(laboratory.service.port('pop3s-legacy'), eudora);
    const socket = client.socket as TLSSocket;
    assert.equal(socket.getProtocol(), 'TLSv1');
    assert.match(socket.getCipher().name, /^AES(128|256)-SHA$/);
    const { modulus, valid_to: end } = socket.getPeerCertificate() as { modulus?: string; valid_to: string };
    assert.ok(modulus !== undefined && Date.parse(end) > Date.now() + 9 * 365 * 86_400_000);
    assert.match(await client.line(), /^\+OK/);
    client.send(`USER eve\r\nPASS ${laboratory.password}\r\nQUIT\r\n`);
    for (let i = 0; i < 3; i++) assert.match(await client.line(), /^\+OK/);
    const line = laboratory.service
      .errors()
      .split('\n')
      .find((one) => one.includes('"legacy":true'));
    assert.match(line ?? '', /"audit":"login".*"protocol":"pop3"|"protocol":"pop3".*"audit":"login"/);
  });

  it('lets her send, too', async () => {
    const client = await connectTlsLines(laboratory.service.port('submissions-legacy'), eudora);
    assert.match(await client.line(), /^220 /);
    client.send('EHLO eudora\r\n');
    for (let text = await client.line(); text.startsWith('250-'); text = await client.line());
    const plain = (name: string) =>
      Buffer.from(`\0${laboratory.address(name)}\0${laboratory.password}`).toString('base64');
    client.send(`AUTH PLAIN ${plain('anne')}\r\n`);
    assert.match(await client.line(), /^535 5\.7\.1 .*(usual port|port habituel)/);
    client.send(`AUTH PLAIN ${plain('eve')}\r\n`);
    assert.match(await client.line(), /^235 /);
    client.close();
  });

  it('is not for those whose programs can do better', async () => {
    const client = await connectTlsLines(laboratory.service.port('pop3s-legacy'), eudora);
    await client.line();
    client.send(`USER all\r\nPASS ${laboratory.password}\r\n`);
    await client.line();
    assert.match(await client.line(), /^-ERR \[SYS\/PERM\] /);
    client.close();
  });

  it('has a certificate of its own, with its key readable by nobody else', () => {
    const { folder } = laboratory.service;
    const pems = ['legacy', 'tls'].map((name) => readFileSync(join(folder, `${name}-cert.pem`), 'utf8'));
    assert.notEqual(pems[0], pems[1]);
  });

  it('is spoken nowhere else', async () => {
    await new Promise<void>((resolve, reject) => {
      const socket = connect({
        port: laboratory.service.port('pop3s'),
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ...eudora,
      });
      socket.once('secureConnect', () => reject(new Error('TLS 1.0 on the usual port')));
      socket.once('error', () => resolve());
    });
  });
});

it('is closed unless it was switched on', async () => {
  const laboratory = await openLaboratory([]);
  assert.throws(() => laboratory.service.port('pop3s-legacy'));
  await laboratory.stop();
});
