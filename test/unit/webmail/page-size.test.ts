/** What a browser downloads before it shows mail, against the budget: gzip of the built chunks, as the server sends them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isWebmailBuilt, pageSizes } from '../../harness/page-sizes.js';
import { laterBudgetsKB, pageBudgetsKB } from '../../harness/webmail-budgets.js';

describe('the size of the pages', { skip: isWebmailBuilt() ? false : 'the webmail is not built' }, () => {
  const sizes = isWebmailBuilt() ? pageSizes() : assert.fail();

  function within(what: string, size: number, budget: number): void {
    console.log(`${what}: ${size.toFixed(1)} KB`);
    assert.ok(size <= budget, `${size} KB`);
  }

  it('of the mailbox: script at most 90 KB, style at most 18 KB', () => {
    within('script of the mailbox page', sizes.mailbox.script, pageBudgetsKB.script);
    within('style of the mailbox page', sizes.mailbox.style, pageBudgetsKB.style);
  });

  for (const [name, source, budgetKB] of laterBudgetsKB) {
    it(`of ${name}: at most ${budgetKB} KB more`, () => within(name, sizes.later(source), budgetKB));
  }
});
