import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeyTable } from '@vaguemestre/server/mailstore/emails/key-table';
import fc from 'fast-check';

describe('the table of keys', () => {
  it('finds every key it was given, whatever it began with and however often it grew', () => {
    const words = fc.constantFrom(2, 3);
    const keys = fc.uniqueArray(fc.nat(1_000_000), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(words, fc.nat(100), keys, (width, capacity, numbers) => {
        const table = new KeyTable(width, capacity);
        const hex = (n: number) => n.toString(16).padStart(8 * width, '0');
        for (const [i, n] of numbers.entries()) {
          const key = new Uint32Array(width);
          Buffer.from(key.buffer).write(hex(n), 'hex');
          assert.equal(table.add(key), i);
          assert.equal(table.add(key), i);
        }
        for (const [i, n] of numbers.entries()) {
          assert.equal(table.findHex(hex(n)), i);
          assert.equal(table.hexAt(i), hex(n));
        }
        assert.equal(table.count, numbers.length);
        assert.equal(table.findHex(hex(1_000_001)), -1);
      }),
    );
  });
});
