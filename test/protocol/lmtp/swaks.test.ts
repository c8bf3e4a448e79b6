import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type LmtpUnderTest, lmtpUnderTest, relaySecret } from '../../harness/lmtp-listener.js';
import { temporaryTls } from '../../harness/temporary-tls.js';

const run = promisify(execFile);
const missing = spawnSync('swaks', ['--version']).error !== undefined;
// It speaks TLS and AUTH by Perl modules that may be missing.
const support = missing ? '' : spawnSync('swaks', ['--support'], { encoding: 'utf8' }).stdout;
const speaksTls = support.includes('TLS supported');
if (missing) console.log('swaks is not installed: its deliveries were not tried (npm run test:install)');

describe('swaks as the relay', { skip: missing ? 'swaks is not installed' : false }, () => {
  let lmtp: LmtpUnderTest;
  before(async () => {
    const tls = await temporaryTls();
    lmtp = await lmtpUnderTest({ listener: { tls: tls.context } });
    after(() => tls.remove());
  });
  after(() => lmtp.close());

  const swaks = async (...options: string[]): Promise<string> => {
    const to = ['--to', 'anne@labo.example,bob@labo.example', '--from', 's@x.example', '--ehlo', 'relay.example'];
    const base = ['--server', `127.0.0.1:${lmtp.port}`, '--protocol', 'LMTP', '--timeout', '10'];
    return (await run('swaks', [...base, ...to, ...options])).stdout;
  };

  it('delivers to two people', async () => {
    assert.match(await swaks('--body', '.leading dot'), /250 2\.1\.5 Delivered/);
    const delivery = lmtp.recorder.deliveries.at(-1);
    assert.equal(delivery?.recipients.length, 2);
    assert.match(delivery.content.toString(), /\r\n\.leading dot\r\n/);
  });

  it('delivers under STARTTLS', { skip: speaksTls ? false : 'swaks lacks Net::SSLeay' }, async () => {
    assert.match(await swaks('--tls'), /~> \.\n<~ +250 2\.1\.5 Delivered/);
  });

  it('authenticates as the relay', async () => {
    const auth = ['--auth', 'PLAIN', '--auth-user', 'relay', '--auth-password', relaySecret];
    assert.match(await swaks(...auth), /235 2\.7\.0 Authenticated/);
  });

  it('pipelines', async () => {
    assert.match(await swaks('--pipeline'), /250 2\.1\.5 Delivered/);
  });
});
