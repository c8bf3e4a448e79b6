import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { isLoopback, parseListenAddress, parseNetworks, plainAddress } from '@vaguemestre/server/net/address';

describe('addresses', () => {
  it('sees an IPv4 address in its IPv6 mapping', () => {
    assert.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1');
    assert.equal(plainAddress('::FFFF:192.0.2.1'), '192.0.2.1');
    assert.equal(plainAddress('fe80::1%eth0'), 'fe80::1');
    assert.equal(plainAddress('2001:db8::1'), '2001:db8::1');
  });

  it('knows loopback', () => {
    for (const yes of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) assert.equal(isLoopback(yes), true, yes);
    for (const no of ['128.0.0.1', '::2', '127.evil.example', '', '/run/x.sock'])
      assert.equal(isLoopback(no), false, no);
  });

  it('matches networks', () => {
    const networks = parseNetworks(['192.0.2.0/24', '2001:db8::/32', '10.1.2.3', '::ffff:198.51.100.0/24']);
    for (const yes of ['192.0.2.255', '::ffff:192.0.2.7', '2001:db8:ffff::1', '10.1.2.3', '198.51.100.9']) {
      assert.equal(networks.has(yes), true, yes);
    }
    for (const no of ['192.0.3.0', '2001:db9::1', '10.1.2.4', '/run/socket', '', 'localhost']) {
      assert.equal(networks.has(no), false, no);
    }
    assert.equal(parseNetworks([]).has('127.0.0.1'), false);
    assert.equal(parseNetworks(['0.0.0.0/0']).has('203.0.113.9'), true);
  });

  it('names the text that is no network', () => {
    for (const bad of ['192.0.2.0/33', '2001:db8::/129', 'x', '', '1.2.3.4/', '1.2.3.4/-1', '1.2.3/8', '1.2.3.4/8.0']) {
      assert.throws(
        () => parseNetworks(['10.0.0.0/8', bad]),
        (error) => error instanceof MailError && error.code === 'invalid' && error.message.includes(`"${bad}"`),
        bad,
      );
    }
  });

  it('reads what a listener binds to', () => {
    assert.deepEqual(parseListenAddress('127.0.0.1:1143'), { kind: 'tcp', host: '127.0.0.1', port: 1143 });
    assert.deepEqual(parseListenAddress(':993'), { kind: 'tcp', host: undefined, port: 993 });
    assert.deepEqual(parseListenAddress('[::1]:0'), { kind: 'tcp', host: '::1', port: 0 });
    assert.deepEqual(parseListenAddress('mail.example:25'), { kind: 'tcp', host: 'mail.example', port: 25 });
    assert.deepEqual(parseListenAddress('/run/v.sock'), { kind: 'unix', path: '/run/v.sock' });
    for (const bad of ['25', 'host:', 'host:65536', '::1:25', '[::1]25', '[x]:25', '', 'host:2x']) {
      assert.throws(() => parseListenAddress(bad), MailError, bad);
    }
  });
});
