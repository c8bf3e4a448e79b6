/** Sending from the webmail, against the real service: what leaves arrives, comes back while it is held, and waits when told to. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { body, close, composer, field, holdBriefly, write } from '../harness/composing.js';
import { unlessInstalled } from '../harness/programs.js';
import { openWebmail, type Webmail } from '../harness/webmail.js';

describe('sending from the webmail', { skip: unlessInstalled('chromium'), timeout: 240_000 }, () => {
  let webmail: Webmail;
  before(async () => {
    webmail = await openWebmail(['anne', 'paul']);
    await holdBriefly(webmail, 'anne');
  });
  after(() => webmail.close());

  it('sends to a colleague, who sees it in an open page by itself', async () => {
    const [anne, paul] = await Promise.all([webmail.open('anne'), webmail.open('paul')]);
    await write(anne, 'paul@labo.example', 'Beam time', 'Thursday works.');
    await anne.keyboard.press('Control+Enter');
    await composer(anne).waitFor({ state: 'detached' });
    await paul.locator('[role=row]', { hasText: 'Beam time' }).click();
    await paul.getByText('Thursday works.').first().waitFor();
    await paul.keyboard.press('r');
    await body(paul).waitFor();
    assert.match(await composer(paul).innerText(), /anne/i);
    assert.equal(await field(paul, 'Subject').inputValue(), 'Re: Beam time');
    await close(paul);
    await close(anne);
  });

  it('takes back what was sent, as it was', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'Too early', 'Not yet.');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: /^Undo/ }).click();
    await composer(page).waitFor();
    assert.equal(await field(page, 'Subject').inputValue(), 'Too early');
    await page.locator('section.composer [contenteditable]', { hasText: 'Not yet.' }).waitFor();
    await composer(page).getByRole('button', { name: 'Throw this draft away' }).click();
    await composer(page).waitFor({ state: 'detached' });
    await close(page);
  });

  it('takes back what was sent after a reload too: the server holds it', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'Held there', 'Comes back.');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: /^Undo/ }).waitFor();
    await page.reload();
    await page
      .getByText(/^Sending to paul@labo.example in \d+/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: /^Undo/ }).click();
    await page.locator('section.composer [contenteditable]', { hasText: 'Comes back.' }).waitFor();
    assert.equal(await field(page, 'Subject').inputValue(), 'Held there');
    await composer(page).getByRole('button', { name: 'Throw this draft away' }).click();
    await close(page);
  });

  it('leaves later when asked to, and says so with the message', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'For Monday', 'Good morning.');
    await composer(page).getByRole('button', { name: 'Later' }).click();
    await page.getByRole('button', { name: /^Tomorrow morning/ }).click();
    await composer(page).waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.locator('[role=row]', { hasText: 'For Monday' }).first().click();
    await page
      .getByText(/^Leaves /)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Take it back' }).click();
    await composer(page).waitFor();
    assert.equal(await field(page, 'Subject').inputValue(), 'For Monday');
    await close(page);
  });
});
