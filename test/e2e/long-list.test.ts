/** A folder of a hundred thousand messages in a browser: the bar is true, the page stays small, what is looked at is there. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../harness/browser.js';
import { eventually, listen, rowCount, subjectsOf } from '../harness/mail-browser.js';
import { createMemoryJmap } from '../harness/memory-jmap.js';
import { unlessInstalled } from '../harness/programs.js';
import { startWebmailSite, type WebmailSite } from '../harness/webmail-site.js';

const count = 100_000;

describe('a list of a hundred thousand', { skip: unlessInstalled('chromium') }, () => {
  let site: WebmailSite;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  const jmap = createMemoryJmap();

  before(async () => {
    for (let index = 1; index <= count; index++)
      jmap.deliver({ mailboxIds: { inbox: true }, subject: `Number ${index}` });
    [site, browser] = await Promise.all([startWebmailSite(jmap), openBrowser()]);
    page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1440, height: 900 } });
    complaints = listen(page);
    await page.goto(`${site.url}/mail/inbox`);
    await eventually(async () => (await subjectsOf(page))[0] === `Number ${count}`, 'the newest');
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  const scrollTo = (part: number): Promise<unknown> =>
    page.evaluate(
      `(() => {
        const grid = document.querySelector('[role=grid]');
        grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * ${part};
      })()`,
    );

  it('has a bar as long as the list', async () => {
    assert.equal(await rowCount(page), count);
    const height = await page.evaluate<number>(`document.querySelector('[role=grid]').scrollHeight`);
    assert.ok(height >= count * 64 && height < count * 64 + 500, String(height));
  });

  it('shows the middle and the end when the bar is dragged there', async () => {
    for (const part of [0.5, 1]) {
      await scrollTo(part);
      const wanted = Math.round(count * (1 - part)) + (part === 1 ? 1 : 0);
      await eventually(async () => (await subjectsOf(page)).includes(`Number ${wanted}`), `number ${wanted}`);
    }
    assert.equal((await subjectsOf(page)).at(-1), 'Number 1');
  });

  it('keeps the page small however far one scrolls', async () => {
    for (let step = 0; step <= 40; step++) {
      await scrollTo(step / 40);
      await page.waitForTimeout(15);
    }
    const nodes = await page.evaluate<number>(`document.querySelectorAll('[role=grid] *').length`);
    console.log(`${nodes} elements in the list`);
    assert.ok(nodes <= 1500, String(nodes));
    await eventually(async () => (await subjectsOf(page)).at(-1) === 'Number 1', 'the rows where the flight ends');
  });

  it('does not move what is being read when mail arrives, and says so', async () => {
    await scrollTo(0.25);
    const top = (): Promise<string | undefined> =>
      page.evaluate<string | undefined>(
        `(() => {
          const grid = document.querySelector('[role=grid]').getBoundingClientRect();
          const under = document.elementFromPoint(grid.x + 200, grid.y + 40);
          return under?.closest('[role=row]')?.querySelector('.subject')?.textContent;
        })()`,
      );
    await eventually(async () => (await top()) !== undefined, 'the rows there');
    const before = await top();
    for (let index = 0; index < 3; index++) {
      jmap.deliver({ mailboxIds: { inbox: true }, receivedAt: `2027-01-01T00:00:0${index}Z`, subject: `New ${index}` });
    }
    await page.getByRole('button', { name: '3 new messages' }).waitFor();
    assert.equal(await top(), before);
    await page.getByRole('button', { name: '3 new messages' }).click();
    await eventually(async () => (await subjectsOf(page))[0] === 'New 2', 'the new ones');
  });

  it('moves by the keyboard from one end to the other', async () => {
    await page.locator('[role=grid]').focus();
    await page.keyboard.press('End');
    await eventually(async () => (await subjectsOf(page)).at(-1) === 'Number 1', 'the end');
    await page.keyboard.press('Home');
    await eventually(async () => (await subjectsOf(page))[0] === 'New 2', 'the top');
    await page.keyboard.press('ArrowDown');
    const active = await page.getAttribute('[role=grid]', 'aria-activedescendant');
    assert.equal(active, 'row-1');
    assert.match(await page.innerText('#row-1 .visually-hidden'), /unread, Anna Weber, New 1/);
  });

  it('had nothing to complain of', () => assert.deepEqual(complaints, []));
});
