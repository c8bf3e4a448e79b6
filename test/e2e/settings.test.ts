/** Settings follow the reader: two browsers of one person, over the real service. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { composer, saved, write } from '../harness/composing.js';
import { eventually, settingsOf } from '../harness/mail-browser.js';
import { unlessInstalled } from '../harness/programs.js';
import { openWebmail, type Webmail } from '../harness/webmail.js';

async function runInPalette(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.locator('dialog input[role=combobox]').fill(words);
  await page.keyboard.press('Enter');
}

describe('settings that follow the reader', { skip: unlessInstalled('chromium') }, () => {
  let webmail: Webmail;
  before(async () => {
    webmail = await openWebmail(['claire']);
  });
  after(() => webmail?.close());

  it('looks chosen in one browser are there in the next, before its page is drawn', async () => {
    const here = await webmail.open('claire');
    const look = (page: Page) =>
      page.evaluate<string>(
        '[document.documentElement.dataset.theme, document.documentElement.dataset.density, document.documentElement.lang].join()',
      );
    await here.keyboard.press('g');
    await here.keyboard.press(',');
    await here.getByRole('tab', { name: 'Appearance' }).click();
    await here.getByRole('button', { name: 'Dark' }).click();
    await here.getByRole('button', { name: 'Compact' }).click();
    await here.getByRole('button', { name: '30 s' }).click();
    await eventually(async () => {
      const said = await settingsOf(here);
      return said.includes('dark') && said.includes('compact') && said.includes('30');
    }, 'the looks on the server');
    assert.equal(await look(here), 'dark,compact,en');

    const there = await webmail.open('claire', { locale: 'fr-FR' });
    // Nobody chose a language: that is each browser's own.
    assert.equal(await look(there), 'dark,compact,fr');
    // Changed there, seen here when the reader comes back to it.
    await runInPalette(there, 'english');
    await there.getByRole('link', { name: 'Inbox' }).waitFor();
    await eventually(async () => (await look(there)) === 'dark,compact,en', 'English');

    // At the next start the looks hold although the service says nothing any more.
    await there.route('**/api/settings', (route) => route.fulfill({ status: 403 }));
    await there.reload({ waitUntil: 'commit' });
    await there.locator('script[src*="look-"]').waitFor({ state: 'attached' });
    await there.locator('nav.side').waitFor();
    assert.equal(await look(there), 'dark,compact,en');
    await there.unroute('**/api/settings');
    await Promise.all([here.context().close(), there.context().close()]);
  });

  it('where answers go and who gets copies is in the next message', async () => {
    const page = await webmail.open('claire');
    await page.keyboard.press('g');
    await page.keyboard.press(',');
    const sheet = page.locator('dialog[open]');
    await sheet.getByLabel('Answers go to').fill('nobody');
    await sheet.getByRole('button', { name: 'Save', exact: true }).click();
    await sheet.getByText('“nobody” is no address.').waitFor();
    await sheet.getByLabel('Answers go to').fill('"Office, the" <office@labo.example>');
    await sheet.getByLabel('Blind copy of everything').fill('archive@labo.example');
    await sheet.getByRole('button', { name: 'Save', exact: true }).click();
    await sheet.getByText('Saved.').waitFor();
    await page.keyboard.press('Escape');
    await write(page, 'anna@labo.example', 'With a desk', 'Hello');
    await composer(page).getByText('archive@labo.example').waitFor();
    await page.keyboard.press('Control+s');
    await saved(page).waitFor();
    const imap = await webmail.laboratory.imap('claire');
    await imap.ok('SELECT Brouillons');
    const head = JSON.stringify(await imap.ok('FETCH * BODY.PEEK[HEADER.FIELDS (REPLY-TO BCC)]'), (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    );
    assert.match(head, /Reply-To: [^<]{0,40}Office, the[^<]{0,10}<office@labo\.example>/i);
    assert.match(head, /Bcc: [^\\]{0,40}archive@labo\.example/i);
    await imap.logout();
    await page.context().close();
  });

  it('what could not be sent is sent later, and another person has their own', async () => {
    const page = await webmail.open('claire');
    await page.route('**/api/settings', (route) => route.fulfill({ status: 403 }));
    const refused = page.waitForResponse((response) => response.request().method() === 'PATCH');
    await runInPalette(page, 'appearance');
    await eventually(
      async () => (await page.evaluate<string>('document.documentElement.dataset.theme ?? ""')) === '',
      'the system’s look',
    );
    await refused;
    await page.unroute('**/api/settings');
    const sent = page.waitForRequest(
      (request) => request.url().endsWith('/api/settings') && request.method() === 'PATCH',
    );
    await page.reload();
    assert.deepEqual((await sent).postDataJSON(), { theme: 'system' });
    await page.context().close();
  });
});
