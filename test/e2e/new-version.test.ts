/** A new version of the webmail while the page is open: the reader is told, loses nothing, and the next load is the new one. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../harness/browser.js';
import { eventually, listen } from '../harness/mail-browser.js';
import { createMemoryJmap } from '../harness/memory-jmap.js';
import { unlessInstalled } from '../harness/programs.js';
import { startWebmailSite, type WebmailSite } from '../harness/webmail-site.js';

describe('a new version of the webmail', { skip: unlessInstalled('chromium') }, () => {
  let version = 1;
  let site: WebmailSite;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  before(async () => {
    const jmap = createMemoryJmap();
    jmap.deliver({ mailboxIds: { inbox: true }, subject: 'Here' });
    [site, browser] = await Promise.all([
      startWebmailSite(jmap, (name, content) => {
        if (name === 'sw.js') return `${content}\n// ${version}`.replace(/(webmailVersion = ')/, `$1${version}-`);
        return name === 'index.html'
          ? content.replace('<head>', `<head><meta name="version" content="${version}">`)
          : content;
      }),
      openBrowser(),
    ]);
    page = await (await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 900 } })).newPage();
    complaints = listen(page);
    await page.goto(`${site.url}/mail/inbox`);
    await page.locator('[role=row] .subject').waitFor();
    await controlled();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  const controlled = (): Promise<void> =>
    eventually(() => page.evaluate<boolean>('navigator.serviceWorker.controller !== null'), 'the worker');
  const shown = (): Promise<string | null> => page.locator('meta[name=version]').getAttribute('content');
  const update = (): Promise<unknown> =>
    page.evaluate('navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => undefined)');

  it('says nothing on the first visit', async () => {
    assert.equal(await shown(), '1');
    assert.equal(await page.getByText('There is a new version').count(), 0);
  });

  it('is told, and loaded when the reader says so, with what was being written', async () => {
    await page.keyboard.press('c');
    await page.locator('section.composer').getByLabel('Subject', { exact: true }).fill('Not yet sent');
    version = 2;
    await update();
    await page.getByText('There is a new version').waitFor();
    assert.equal(await shown(), '1');
    await page.getByRole('button', { name: 'Reload', exact: true }).click();
    await page.getByRole('button', { name: 'Not yet sent' }).waitFor();
    assert.equal(await shown(), '2');
  });

  it('is what any later load gets, and one page of the one before goes on', async () => {
    const other = await page.context().newPage();
    await other.goto(`${site.url}/mail/inbox`);
    version = 3;
    await update();
    await page.getByText('There is a new version').waitFor();
    await other.reload();
    assert.equal(await other.locator('meta[name=version]').getAttribute('content'), '3');
    // A part that the old page has not needed so far.
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await page.evaluate('caches.keys().then((names) => names.length)'), 3);
  });

  it('asked for nothing that its policy forbids', () => {
    assert.deepEqual(
      complaints.filter((one) => /Content Security Policy|Trusted|Refused/i.test(one)),
      [],
    );
  });
});
