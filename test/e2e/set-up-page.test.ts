import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from '../harness/browser.js';
import { unlessInstalled } from '../harness/programs.js';
import { type RunningService, startService } from '../harness/running-service.js';

describe('the set-up page', { skip: unlessInstalled('chromium') }, () => {
  let service: RunningService;
  let browser: Browser;
  const complaints: string[] = [];

  before(async () => {
    [service, browser] = await Promise.all([startService(), openBrowser()]);
  });
  after(async () => {
    await browser.close();
    await service.stop();
  });

  async function open(options: BrowserContextOptions): Promise<Page> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() !== 'info' && message.type() !== 'log') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`http://127.0.0.1:${service.port('http')}/setup`);
    await page.waitForSelector('h2');
    return page;
  }

  it('gives the values for a mail program, in the language of the browser', async () => {
    const page = await open({ locale: 'fr-FR' });
    const text = await page.innerText('main');
    assert.match(text, /Régler votre logiciel/);
    assert.match(text, new RegExp(`\\b${service.port('imaps')}\\b`));
    assert.match(text, /SSL\/TLS/);
    assert.equal(await page.getAttribute('html', 'lang'), 'fr');
    await page.getByText('Tout fonctionne').waitFor();
  });

  it('changes its language at a word, and remembers it', async () => {
    const page = await open({ locale: 'fr-FR' });
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Set up your mail program' }).waitFor();
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    await page.reload();
    await page.getByRole('heading', { name: 'Your mail', exact: true }).waitFor();
  });

  it('follows the system into the dark, unless it is told otherwise', async () => {
    const page = await open({ locale: 'en-GB', colorScheme: 'dark' });
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    assert.equal(await ground(), 'rgb(13, 18, 21)');
    await page.getByRole('button', { name: 'Light' }).click();
    assert.equal(await ground(), 'rgb(244, 246, 247)');
  });

  it('fits a telephone without scrolling sideways', async () => {
    const page = await open({ locale: 'fr-FR', viewport: { width: 320, height: 640 } });
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= 320'));
  });

  it('can be used from the keyboard, with every button named', async () => {
    const page = await open({ locale: 'en-GB' });
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent.trim()'), 'Français');
    const unnamed = await page.evaluate(
      "[...document.querySelectorAll('button')].filter((b) => !(b.getAttribute('aria-label') || b.textContent.trim())).length",
    );
    assert.equal(unnamed, 0);
  });

  it('broke no rule of its own security policy, and no script failed', () => assert.deepEqual(complaints, []));
});
