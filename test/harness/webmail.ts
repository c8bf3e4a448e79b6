/** The webmail in a browser against a service of its own, with people in it: pages that tell when anything goes wrong. */
import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from './browser.js';
import { type Laboratory, openLaboratory } from './laboratory.js';

export interface Webmail {
  readonly laboratory: Laboratory;
  readonly browser: Browser;
  readonly origin: string;
  /** A page with the person's inbox open. */
  open(person: string, options?: BrowserContextOptions & { readonly own?: boolean }): Promise<Page>;
  /** Cuts a page's network, or brings it back; that its loads fail meanwhile is no trouble. */
  cut(page: Page, off: boolean): Promise<void>;
  /** Script errors, blocked loads and answers of 5xx so far, over all pages. */
  readonly troubles: readonly string[];
  close(): Promise<void>;
}

export async function openWebmail(people: readonly string[]): Promise<Webmail> {
  const [laboratory, browser] = await Promise.all([openLaboratory(people), openBrowser()]);
  const origin = `http://127.0.0.1:${laboratory.service.port('http')}`;
  const troubles: string[] = [];

  const cutOff = new WeakSet<Page>();

  function watch(page: Page, person: string): void {
    page.on('pageerror', (error) => troubles.push(`${person}: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error' || /4[0-9]{2} \(/.test(message.text())) return;
      if (cutOff.has(page) && message.text().includes('ERR_INTERNET_DISCONNECTED')) return;
      troubles.push(`${person}: ${message.text()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 500) troubles.push(`${person}: ${response.status()} ${response.url()}`);
    });
  }

  return {
    laboratory,
    browser,
    origin,
    troubles,
    async cut(page, off) {
      if (off) cutOff.add(page);
      await page.context().setOffline(off);
    },
    async open(person, { own = false, ...options } = {}) {
      const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 900 }, ...options });
      const page = await context.newPage();
      watch(page, person);
      await page.goto(origin);
      await page.fill('input[name=username]', person);
      await page.fill('input[name=password]', laboratory.password);
      if (own) await page.locator('input[name=own]').check();
      await page.keyboard.press('Enter');
      // On a telephone it lies in a drawer.
      await page.locator('nav.side').waitFor({ state: 'attached' });
      return page;
    },
    async close() {
      await browser.close();
      await laboratory.stop();
      assert.deepEqual(troubles, []);
    },
  };
}
