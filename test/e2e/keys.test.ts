/** Keys in the webmail, against the real service: none is lost, none goes astray, and the focus comes back. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { axeFindings, eventually } from '../harness/mail-browser.js';
import { unlessInstalled } from '../harness/programs.js';
import { openWebmail, type Webmail } from '../harness/webmail.js';

describe('keys in the webmail', { skip: unlessInstalled('chromium'), timeout: 300_000 }, () => {
  let webmail: Webmail;
  let page: Page;
  before(async () => {
    webmail = await openWebmail(['anne']);
    page = await webmail.open('anne');
    await page.locator('[role=grid], .empty').first().waitFor();
  });
  after(() => webmail.close());

  const focused = (): Promise<string> =>
    page.evaluate("document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id ?? ''");
  const sheet = () => page.locator('dialog[open]');

  it('gives what is typed at once after a key to the sheet that key opens', async () => {
    // Without waiting: the code of the palette is fetched meanwhile.
    await page.keyboard.press('Control+k');
    await page.keyboard.type('dark');
    await sheet().waitFor();
    assert.equal(await sheet().locator('input').inputValue(), 'dark');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('dialog').count(), 0);
  });

  it('takes a key right after the one that closes a sheet', async () => {
    for (let round = 0; round < 5; round++) {
      await page.keyboard.press('?');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+k');
      await sheet().waitFor();
      assert.equal(await sheet().getByRole('combobox').count(), 1);
      await page.keyboard.press('Escape');
      await page.keyboard.press('/');
      assert.equal(await focused(), 'Search all mail');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
    }
  });

  it('types into a new message what comes right after its key, and nothing of it acts on mail', async () => {
    await page.keyboard.press('c');
    await page.keyboard.type('e#paul@labo.example');
    await page.locator('section.composer').waitFor();
    assert.equal(
      await page.locator('section.composer').getByLabel('To', { exact: true }).inputValue(),
      'e#paul@labo.example',
    );
    await page.keyboard.press('Escape');
    await page.locator('section.composer').waitFor({ state: 'detached' });
  });

  it('puts the focus where a command of the palette sends it', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('search');
    await page.keyboard.press('Enter');
    await eventually(async () => (await focused()) === 'Search all mail', 'the focus');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });

  it('gives the focus back to what had it when a sheet closes', async () => {
    const help = page.getByRole('button', { name: 'Shortcuts' });
    await help.focus();
    await page.keyboard.press('Enter');
    await sheet().waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await focused(), 'Shortcuts');
  });

  it('finds a shortcut by its words in either language and by its key, and switches single keys off', async () => {
    await page.keyboard.press('?');
    await page.keyboard.type('corbeille');
    await sheet().getByText('Move to the trash', { exact: false }).or(sheet().getByText('Delete')).first().waitFor();
    assert.equal(await sheet().locator('dt').filter({ hasText: 'Compose' }).count(), 0);
    await sheet().getByRole('textbox').fill('g i');
    assert.equal(await sheet().locator('dt').count(), 1);
    await sheet().getByRole('textbox').fill('xyzzy');
    await sheet().getByText('No shortcut of that name.').waitFor();
    await sheet().getByRole('checkbox').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('c');
    await page.waitForTimeout(300);
    assert.equal(await page.locator('section.composer').count(), 0);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('shortcuts');
    await page.keyboard.press('Enter');
    await sheet().getByRole('checkbox').check();
    await page.keyboard.press('Escape');
  });

  it('has nothing that axe finds in the sheets of keys and commands', async () => {
    const other = await webmail.open('anne', { colorScheme: 'dark', bypassCSP: true });
    for (const key of ['?', 'Control+k']) {
      await other.keyboard.press(key);
      await other.locator('dialog[open]').waitFor();
      assert.deepEqual(await axeFindings(other), []);
      await other.keyboard.press('Escape');
    }
    await other.context().close();
  });
});
