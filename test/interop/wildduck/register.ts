import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { BorrowedTest } from './borrowed-suite.js';
import type { Deviations } from './deviations.js';

/** Makes tests of borrowed ones. One that is on the list has to fail; a name on the list that is no test is a fault too. */
export function register(tests: readonly BorrowedTest[], deviations: Deviations): void {
  for (const test of tests) {
    const reason = deviations[test.name];
    if (reason === undefined) it(test.name, () => test.run());
    else {
      it(`differs: ${test.name} (${reason})`, async () => {
        await assert.rejects(test.run(), 'passes now: take it from the list of deviations');
      });
    }
  }
  it('has no deviation that is no test', () => {
    const names = new Set(tests.map((test) => test.name));
    for (const name of Object.keys(deviations)) assert.ok(names.has(name), name);
  });
}
