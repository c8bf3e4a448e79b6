import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cleanSelectorList } from '@vaguemestre/webmail/html/clean-selector';

describe('the selectors of a message', () => {
  it('keep their meaning under the names that the elements got', () => {
    for (const [from, to] of [
      ['p', 'p'],
      ['TABLE td.head > a:link', 'table td.m-head > a:link'],
      ['#main .x.y', '#m-main .m-x.m-y'],
      ['body', '.vm-body'],
      ['html body p', '.vm-body p'],
      [':root', '.vm-body'],
      ['* + h1, li ~ li', '* + h1, li ~ li'],
      ['td:first-child', 'td:first-child'],
    ] as const) {
      assert.equal(cleanSelectorList(from), to);
    }
  });

  it('are left out one by one when they look at what they should not', () => {
    for (const selector of [
      'a:visited',
      'p:hover',
      'input:focus',
      ':target',
      'p:has(a)',
      'p:not(.a)',
      'p:nth-child(2)',
      'a[href^="x"]',
      'p::before',
      '::-webkit-scrollbar',
      '.a\\{b',
      'svg|a',
      '& p',
      ':host',
      '.',
      'a'.repeat(1_000),
    ]) {
      assert.equal(cleanSelectorList(selector), '', selector);
      assert.equal(cleanSelectorList(`${selector}, p`), 'p', selector);
    }
  });
});
