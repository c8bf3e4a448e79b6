/** Writing a message in the webmail, as the tests of the composer do it. */
import type { Locator, Page } from 'playwright-core';
import type { Webmail } from './webmail.js';

export const composer = (page: Page): Locator => page.locator('section.composer');
export const field = (page: Page, name: string): Locator => composer(page).getByLabel(name, { exact: true });
export const body = (page: Page): Locator => composer(page).getByRole('textbox', { name: 'Message' });
export const saved = (page: Page): Locator => composer(page).locator('.saved', { hasText: /^\s*Saved/ });

export async function write(page: Page, to: string, subject: string, text: string): Promise<void> {
  await page.keyboard.press('c');
  await field(page, 'To').fill(to);
  await page.keyboard.press('Enter');
  await field(page, 'Subject').fill(subject);
  await body(page).click();
  await page.keyboard.type(text);
}

export async function close(page: Page): Promise<void> {
  await page.context().close();
}

/** What the person sends is held as briefly as can be chosen: tests wait for it to leave. */
export async function holdBriefly(webmail: Webmail, person: string): Promise<void> {
  const page = await webmail.open(person);
  await page.evaluate(
    `fetch('/api/settings', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'x-vaguemestre': '1' },
      body: JSON.stringify({ undoSeconds: 5 }),
    }).then((response) => {
      if (!response.ok) throw new Error('not taken: ' + response.status);
    })`,
  );
  await page.context().close();
}
