import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatDuration } from '@vaguemestre/webmail/reading/duration';
import { hopsOf } from '@vaguemestre/webmail/reading/hops';

describe('the way of a message', () => {
  it('is told oldest first, with what each machine took', () => {
    const hops = hopsOf([
      ' from relay.labo.example (relay [10.0.0.2])\r\n by mail.labo.example with LMTP id 7; Tue, 24 Nov 2026 10:42:05 +0100',
      ' from mx.uni-x.example by relay.labo.example with ESMTPS; Tue, 24 Nov 2026 10:42:03 +0100 (CET)',
      ' by mx.uni-x.example (Postfix); Tue, 24 Nov 2026 09:30:00 +0000',
    ]);
    assert.deepEqual(
      hops.map(({ by, from, delayMs }) => [by, from, delayMs]),
      [
        ['mx.uni-x.example', '', undefined],
        ['relay.labo.example', 'mx.uni-x.example', 723_000],
        ['mail.labo.example', 'relay.labo.example', 2_000],
      ],
    );
  });

  it('is told as far as it is known, in no time', () => {
    assert.deepEqual(
      hopsOf([' by a; never', 'nothing']).map(({ by, at }) => [by, at]),
      [
        ['', undefined],
        ['a', undefined],
      ],
    );
    const began = performance.now();
    assert.equal(hopsOf(Array.from({ length: 1_000 }, () => 'from '.repeat(100_000))).length, 30);
    assert.ok(performance.now() - began < 1_000);
  });

  it('has lengths one can read', () => {
    const told = [400, 59_000, 119_000, 3_600_000, 4_800_000, 200 * 3_600_000].map((ms) =>
      formatDuration('fr', ms).replaceAll('\u00a0', ' '),
    );
    assert.deepEqual(told, ['0 s', '59 s', '2 min', '1 h', '1 h 20 min', '8 j']);
  });
});
