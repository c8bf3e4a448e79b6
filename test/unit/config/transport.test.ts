import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BadValue } from '@vaguemestre/server/config/kinds';
import { isDomainPattern, nextHop, parseHost, transportTable } from '@vaguemestre/server/config/transport';

describe('the transport table as a setting', () => {
  const table = transportTable();

  it('reads hosts with and without brackets, sockets and words', () => {
    const rules = table.read(
      'a.example=smtp:b.example, *.c.example=smtp:[d.example]:2525,e@f.example=lmtp:[2001:db8::1]:24,g.example=lmtp:/run/g,' +
        'h.example=discard,i.example=mx,j.example=mailbox,k.example=error:550 5.7.1 Moved to l.example',
    );
    assert.deepEqual(
      rules.map(({ pattern, hop }) => [pattern, hop]),
      [
        ['a.example', { kind: 'host', protocol: 'smtp', host: 'b.example', port: 25, mx: true }],
        ['*.c.example', { kind: 'host', protocol: 'smtp', host: 'd.example', port: 2525, mx: false }],
        ['e@f.example', { kind: 'host', protocol: 'lmtp', host: '2001:db8::1', port: 24, mx: false }],
        ['g.example', { kind: 'socket', path: '/run/g' }],
        ['h.example', { kind: 'discard' }],
        ['i.example', { kind: 'mx' }],
        ['j.example', { kind: 'mailbox' }],
        ['k.example', { kind: 'error', reply: '550 5.7.1 Moved to l.example' }],
      ],
    );
    assert.deepEqual(table.read(table.show(rules)), rules);
  });

  const bad = [
    'a.example',
    '=discard',
    '@a.example=discard',
    'a.example=smtp:',
    'a.example=smtp:b:0',
    'a.example=smtp:b:99999',
    'a.example=smtp:[b',
    'a.example=error:no',
    'a.example=teapot',
    '192.0.2.1=discard',
  ];
  for (const text of bad) {
    it(`refuses ${text}`, () => assert.throws(() => table.read(text), BadValue));
  }

  it('names a pattern that stands there twice', () => {
    assert.throws(() => table.read('a.example=discard,A.example=mx'), /a\.example twice/);
  });

  it('takes an address as itself, without MX', () => {
    assert.deepEqual(parseHost('192.0.2.1', 25), { host: '192.0.2.1', port: 25, mx: false });
    assert.equal(isDomainPattern('*.labo.example'), true);
    assert.equal(isDomainPattern('*'), false);
  });

  it('takes a next hop of the kinds that make sense there', () => {
    assert.throws(() => nextHop('host').read('discard'), BadValue);
    assert.deepEqual(nextHop('host', 'socket').read('lmtp:/run/x'), { kind: 'socket', path: '/run/x' });
  });
});
