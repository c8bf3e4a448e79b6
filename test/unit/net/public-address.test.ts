import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPublicAddress } from '@vaguemestre/server/net/public-address';

describe('addresses on the open internet', () => {
  it('are those that are given out', () => {
    const open = [
      '1.1.1.1',
      '8.8.8.8',
      '172.15.255.255',
      '172.32.0.1',
      '192.0.1.1',
      '100.63.255.255',
      '223.255.255.255',
    ];
    for (const address of [...open, '2606:4700::1111', '2a00:1450:4001:80b::200e', '2001:4860:4860::8888']) {
      assert.ok(isPublicAddress(address), address);
    }
  });

  it('are not those of this machine, of inner networks, of clouds, of nobody', () => {
    const inner = [
      '0.0.0.0',
      '0.1.2.3',
      '10.0.0.1',
      '100.64.0.1',
      '100.127.255.255',
      '127.0.0.1',
      '127.255.255.255',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
      '192.0.0.1',
      '192.0.2.1',
      '192.88.99.1',
      '192.168.1.1',
      '198.18.0.1',
      '198.19.255.255',
      '198.51.100.1',
      '203.0.113.1',
      '224.0.0.1',
      '239.255.255.255',
      '240.0.0.1',
      '255.255.255.255',
    ];
    for (const address of inner) assert.ok(!isPublicAddress(address), address);
  });

  it('are in IPv6 none that carry another address inside, whichever', () => {
    const forms = [
      '::',
      '::1',
      '::8.8.8.8',
      '::ffff:8.8.8.8',
      '::ffff:127.0.0.1',
      '::ffff:0:127.0.0.1',
      '::ffff:7f00:1',
      '0:0:0:0:0:ffff:a9fe:a9fe',
      '64:ff9b::8.8.8.8',
      '64:ff9b::a9fe:a9fe',
      '64:ff9b:1::1',
      '2002:7f00:1::',
      '2002:a9fe:a9fe::1',
      '2001::1',
      '2001:0:7f00:1::',
      '2001:10::1',
      '2001:20::1',
      '2001:2::1',
      '2001:db8::1',
      '3fff::1',
      '100::1',
      '5f00::1',
      'fc00::1',
      'fd12:3456::1',
      'fe80::1',
      'fe80::1%eth0',
      'fec0::1',
      'ff02::1',
      '2606:4700::1%eth0',
    ];
    for (const address of forms) assert.ok(!isPublicAddress(address), address);
  });

  it('are no names and no halves', () => {
    for (const text of ['', 'localhost', '1.1.1', '0x7f.0.0.1', '2130706433', '1.1.1.1 ', '[::1]']) {
      assert.ok(!isPublicAddress(text), text);
    }
  });
});
