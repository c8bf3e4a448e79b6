/** Drafts in the webmail, against the real service: what is typed stays, whatever happens to page, session and network. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { close, composer, field, saved, write } from '../harness/composing.js';
import { unlessInstalled } from '../harness/programs.js';
import { openWebmail, type Webmail } from '../harness/webmail.js';

describe('drafts in the webmail', { skip: unlessInstalled('chromium'), timeout: 240_000 }, () => {
  let webmail: Webmail;
  before(async () => {
    webmail = await openWebmail(['anne', 'paul']);
  });
  after(() => webmail.close());

  it('keeps a draft over a reload, and brings it back', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'Half written', 'This has to stay');
    // At once: nobody waits for the copy that is made a moment later.
    await page.reload();
    await page.getByRole('button', { name: 'Half written' }).click();
    await composer(page).waitFor();
    await page.locator('section.composer [contenteditable]', { hasText: 'This has to stay' }).waitFor();
    await composer(page)
      .getByRole('button', { name: /^Close and keep/ })
      .click();
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.locator('[role=row]', { hasText: 'Half written' }).first().waitFor();
    assert.equal(await page.locator('[role=row]', { hasText: 'Half written' }).count(), 1, 'one copy, not one a save');
    await close(page);
  });

  it('goes on after the session died, with the password asked in place', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'Long evening', 'Typed before');
    await page.context().clearCookies();
    await page.keyboard.press('Control+s');
    await field(page, 'Password').waitFor();
    assert.equal(await field(page, 'Subject').inputValue(), 'Long evening');
    await field(page, 'Password').fill('wrong');
    await page.keyboard.press('Enter');
    await composer(page).getByRole('alert').waitFor();
    await field(page, 'Password').fill(webmail.laboratory.password);
    await page.keyboard.press('Enter');
    await saved(page).waitFor();
    await close(page);
  });

  it('waits for the network, and leaves by itself when it is back', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'On the train', 'In a tunnel.');
    await page.keyboard.press('Control+s');
    await saved(page).waitFor();
    await webmail.cut(page, true);
    await composer(page)
      .getByRole('button', { name: /^Send when online/ })
      .click();
    await page.getByText('will leave by itself').first().waitFor();
    await webmail.cut(page, false);
    await page.getByRole('button', { name: /^Undo/ }).waitFor();
    await close(page);
  });

  it('is one draft in two tabs: the second asks, and takes it over', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'Two tabs', 'First');
    await page.keyboard.press('Control+s');
    await saved(page).waitFor();
    const other = await page.context().newPage();
    await other.goto(`${webmail.origin}/mail/drafts`);
    await other.locator('[role=row]', { hasText: 'Two tabs' }).first().click();
    await composer(other).getByText('open in another tab').waitFor();
    await composer(other).getByRole('button', { name: 'Take over here' }).click();
    await composer(page).waitFor({ state: 'detached' });
    await other.locator('section.composer [contenteditable]', { hasText: 'First' }).waitFor();
    assert.equal(await composer(other).getByText('open in another tab').count(), 0);
    await close(page);
  });
});
