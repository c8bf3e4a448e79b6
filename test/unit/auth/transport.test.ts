import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createClearDoor } from '@vaguemestre/server/auth/clear-door';
import { transportOf } from '@vaguemestre/server/auth/judge-visitor';
import type { Known } from '@vaguemestre/server/auth/person-cache';
import { createZones } from '@vaguemestre/server/auth/zones';
import { movingClock } from '../../harness/moving-clock.js';

const far = { address: '192.0.2.7', port: 1, unix: false, local: false };
const here = { address: '127.0.0.1', port: 1, unix: false, local: true };

describe('how somebody came in', () => {
  test('in clear on the machine itself is protected, old TLS is old TLS', () => {
    assert.equal(transportOf({ peer: far, secure: true }), 'tls');
    assert.equal(transportOf({ peer: far, secure: true, legacy: true }), 'legacy');
    assert.equal(transportOf({ peer: far, secure: false }), 'clear');
    assert.equal(transportOf({ peer: here, secure: false }), 'tls');
  });
});

describe('POP3 in clear', () => {
  const zoneOf = createZones({ laboratory: ['192.0.2.0/24'], vpn: [] });
  const person = (role: string, eudora = false): Known =>
    ({ person: { role, eudora, allow: [], deny: [], disabled: false } }) as unknown as Known;
  const people = new Map([
    ['tom@labo.example', person('intern')],
    ['eve@labo.example', person('permanent', true)],
    ['anne@labo.example', person('permanent')],
  ]);
  const door = (pop3Clear: 'off' | 'laboratory') =>
    createClearDoor({
      people: { find: async (address: string) => people.get(address) },
      zoneOf,
      settings: { pop3Clear, internWebmail: true },
      domain: 'labo.example',
      clock: movingClock(),
    });

  test('opens to those who may, from the laboratory, when it is switched on', async () => {
    const on = door('laboratory');
    assert.equal(on.possible(far), true);
    assert.equal(on.possible({ ...far, address: '198.51.100.1' }), false);
    for (const [name, opens] of [
      ['tom', true],
      ['eve@labo.example', true],
      ['anne', false],
      ['nobody', false],
      ['', false],
      ['a b', false],
    ] as const) {
      assert.equal(await on.opens(name, far), opens, name);
      assert.equal(await on.opens(name, { ...far, address: '198.51.100.1' }), false);
      assert.equal(await door('off').opens(name, far), false);
    }
    assert.equal(door('off').possible(far), false);
  });
});
