/** The sign-in page in a browser: without script, in both languages, light and dark, narrow and wide. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from '../harness/browser.js';
import { checkout, unlessInstalled } from '../harness/programs.js';
import { webPassword } from '../harness/web-people.js';
import { openWebSite, type WebSite } from '../harness/web-site.js';

/** HTML, style and script of the page together, gzip. */
const budgetBytes = 25_000;

describe('the sign-in page in a browser', { skip: unlessInstalled('chromium') }, () => {
  let site: WebSite;
  let browser: Browser;

  before(async () => {
    [site, browser] = await Promise.all([
      openWebSite({ webmailFolder: join(checkout, 'webmail/dist') }),
      openBrowser(),
    ]);
    await site.people.add('anne');
  });
  after(async () => {
    await browser.close();
    await site.close();
  });

  async function open(options: BrowserContextOptions): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(`http://127.0.0.1:${site.port}/`);
    return page;
  }

  const fill = async (page: Page, password: string): Promise<void> => {
    await page.fill('#username', 'anne');
    await page.fill('#password', password);
    await page.keyboard.press('Enter');
  };

  it('lets a person in without a single script, after saying what was wrong', async () => {
    const page = await open({ locale: 'en-GB', javaScriptEnabled: false });
    await fill(page, 'wrong horse');
    assert.match(await page.innerText('[role=alert]'), /do not match/);
    assert.equal(await page.inputValue('#username'), 'anne');
    await page.getByLabel('This is my own computer').check();
    await fill(page, webPassword);
    await page.locator('#app').waitFor({ state: 'attached' });
    const [cookie] = await page.context().cookies();
    assert.ok(cookie && cookie.expires > Date.now() / 1000 + 150 * 24 * 3600);
    assert.ok(cookie.httpOnly && cookie.sameSite === 'Strict');
    await page.context().close();
  });

  it('forgets everything at sign-out: cookie, storage, and what lies behind the way back', async () => {
    const page = await open({ locale: 'en-GB' });
    await fill(page, webPassword);
    await page.locator('#app').waitFor({ state: 'attached' });
    await page.evaluate("localStorage.setItem('draft', 'secret')");
    await page.evaluate("caches.open('x').then((c) => c.put('/y', new Response('secret')))");
    const out = await page.evaluate(
      "fetch('/logout', { method: 'POST', headers: { 'X-Vaguemestre': '1' } }).then((reply) => reply.status)",
    );
    assert.equal(out, 204);
    await page.goto(`http://127.0.0.1:${site.port}/`);
    assert.equal(await page.evaluate("localStorage.getItem('draft')"), null);
    assert.equal(await page.evaluate('caches.keys().then((keys) => keys.length)'), 0);
    await page.goBack();
    await page.locator('form[action="/login"]').waitFor();
    assert.deepEqual(await page.context().cookies(), []);
    await page.context().close();
  });

  it('opens a link from another site for who is in, though the browser keeps the cookie back at first', async () => {
    const page = await open({ locale: 'en-GB' });
    await fill(page, webPassword);
    await page.locator('#app').waitFor({ state: 'attached' });
    // To a browser `localhost` is another site than `127.0.0.1`.
    await page.goto(`http://localhost:${site.port}/setup`);
    await page.evaluate(`location.href = 'http://127.0.0.1:${site.port}/mail/inbox'`);
    await page.waitForURL(`http://127.0.0.1:${site.port}/mail/inbox`);
    await page.waitForFunction("document.querySelector('script[src]') !== null");
    assert.equal(await page.locator('form[action="/login"]').count(), 0);
    await page.context().close();
  });

  for (const locale of ['fr-FR', 'en-GB']) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`can be read and used by everybody (${locale}, ${colorScheme}, 320 pixels)`, async () => {
        const page = await open({ locale, colorScheme, bypassCSP: true, viewport: { width: 320, height: 640 } });
        await fill(page, 'wrong horse');
        await page.locator('[role=alert]').waitFor();
        await page.click('summary');
        await page.evaluate(axe());
        const found = (await page.evaluate('axe.run()')) as { readonly violations: readonly { readonly id: string }[] };
        assert.deepEqual(
          found.violations.map(({ id }) => id),
          [],
        );
        assert.ok(await page.evaluate('document.documentElement.scrollWidth <= 320'));
        await page.context().close();
      });
    }
  }

  it('is small', async () => {
    const client = site.client();
    const page = await client.get('/');
    const style = /href="(\/assets\/[^"]+\.css)"/.exec(page.text)?.[1];
    assert.ok(style);
    const sheet = await client.get(style, { 'accept-encoding': 'gzip' });
    assert.equal(sheet.headers['content-encoding'], 'gzip');
    const bytes = gzipSync(page.bytes).length + sheet.bytes.length;
    console.log(`# sign-in page: ${bytes} bytes of ${budgetBytes}`);
    assert.ok(bytes <= budgetBytes);
  });
});

function axe(): string {
  return readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
}
