import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bareAddress, createZones, networkOf } from '@vaguemestre/server/auth/zones';
import type { Peer } from '@vaguemestre/server/net/connection';

const peer = (address: string, more: Partial<Peer> = {}): Peer => ({
  address,
  port: 1,
  unix: false,
  local: false,
  ...more,
});

describe('zones', () => {
  const zone = createZones({
    laboratory: ['192.0.2.0/24', '2001:db8:1::/48', '198.51.100.7'],
    vpn: ['192.0.2.128/25'],
  });

  test('networks of both families, the VPN inside the laboratory', () => {
    assert.equal(zone(peer('192.0.2.1')), 'laboratory');
    assert.equal(zone(peer('192.0.2.129')), 'vpn');
    assert.equal(zone(peer('198.51.100.7')), 'laboratory');
    assert.equal(zone(peer('198.51.100.8')), 'outside');
    assert.equal(zone(peer('2001:db8:1::5')), 'laboratory');
    assert.equal(zone(peer('2001:db8:2::5')), 'outside');
  });

  test('what a dual-stack listener shows of an IPv4 peer', () => {
    assert.equal(zone(peer('::ffff:192.0.2.1')), 'laboratory');
    assert.equal(bareAddress('fe80::1%eth0'), 'fe80::1');
  });

  test('the machine itself is in the laboratory; a loopback address that a proxy named is not', () => {
    assert.equal(zone(peer('/run/socket', { unix: true })), 'laboratory');
    assert.equal(zone(peer('127.0.0.1', { local: true })), 'laboratory');
    assert.equal(zone(peer('127.0.0.1')), 'outside');
  });

  test('garbage is outside, and a wrong configuration is named', () => {
    assert.equal(zone(peer('nonsense')), 'outside');
    for (const wrong of [
      '192.0.2.0/33',
      '192.0.2',
      '2001:db8::/129',
      'a/8',
      '192.0.2.0/',
      '192.0.2.0/1/2',
      '1.2.3.4/x',
    ]) {
      assert.throws(() => createZones({ laboratory: [wrong], vpn: [] }), new RegExp(wrong.replaceAll(/[/.]/g, '.')));
    }
  });

  test('guesses count by IPv4 address and by IPv6 /64', () => {
    assert.equal(networkOf(peer('192.0.2.1')), '192.0.2.1');
    assert.equal(networkOf(peer('::ffff:192.0.2.1')), '192.0.2.1');
    assert.equal(networkOf(peer('2001:db8:1:2:3:4:5:6')), '2001:db8:1:2::/64');
    assert.equal(networkOf(peer('2001:db8::1')), '2001:db8:0:0::/64');
    assert.equal(networkOf(peer('::1')), '0:0:0:0::/64');
    assert.equal(networkOf(peer('/x', { unix: true })), 'local');
  });
});
