/** A person's browser on the webmail of a running service, with what a test wants to know of the page. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Laboratory } from './laboratory.js';

/** A loaded machine may be many times slower than this one: what does not come by then does not come. */
const patienceMs = 30_000;

export interface MailPage {
  readonly page: Page;
  /** Faults of scripts and of the page's own security policy. */
  readonly complaints: string[];
}

export async function openMailPage(
  browser: Browser,
  laboratory: Laboratory,
  name: string,
  options: BrowserContextOptions = {},
): Promise<MailPage> {
  const context = await browser.newContext({ locale: 'fr-FR', viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = listen(page);
  await page.goto(`http://127.0.0.1:${laboratory.service.port('http')}/`);
  await page.fill('#username', laboratory.address(name));
  await page.fill('#password', laboratory.password);
  await page.keyboard.press('Enter');
  await page.locator('[role=grid]').waitFor();
  return { page, complaints };
}

export function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  return complaints;
}

/** Subjects of the rows from the top of the window, in order. */
export async function subjectsOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    `[...document.querySelectorAll('[role=row][data-index]')]
      .sort((a, b) => Number(a.dataset.index) - Number(b.dataset.index))
      .map((row) => row.querySelector('.subject')?.textContent ?? '')`,
  );
}

export async function rowCount(page: Page): Promise<number> {
  return Number(await page.getAttribute('[role=grid]', 'aria-rowcount'));
}

/** Waits until it holds; the message says what did not come. */
export async function eventually(test: () => Promise<boolean>, what: string, timeoutMs = patienceMs): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await test())) {
    if (Date.now() > end) assert.fail(`${what} did not come in ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** What the service keeps of the reader's choices, as text. They are sent a moment after they were made. */
export function settingsOf(page: Page): Promise<string> {
  return page.evaluate<string>("fetch('/api/settings').then((response) => response.text())");
}

const axeSource = (): string => readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong, WCAG 2.2 AA and its own advice, in words. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource());
  const found = (await page.evaluate('axe.run()')) as {
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  };
  return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}`));
}
