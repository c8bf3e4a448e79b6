/** Writing in the webmail, against the real service: what is typed stays, leaves, comes back and arrives. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { eventually } from '../harness/mail-browser.js';
import { unlessInstalled } from '../harness/programs.js';
import { openWebmail, type Webmail } from '../harness/webmail.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** A red dot. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC',
  'base64',
);

describe('writing in the webmail', { skip: unlessInstalled('chromium'), timeout: 240_000 }, () => {
  let webmail: Webmail;
  before(async () => {
    webmail = await openWebmail(['anne', 'paul']);
  });
  after(() => webmail.close());

  const composer = (page: Page): Locator => page.locator('section.composer');
  const field = (page: Page, name: string): Locator => composer(page).getByLabel(name, { exact: true });
  const body = (page: Page): Locator => composer(page).getByRole('textbox', { name: 'Message' });
  const saved = (page: Page): Locator => composer(page).locator('.saved', { hasText: /^\s*Saved/ });

  async function write(page: Page, to: string, subject: string, text: string): Promise<void> {
    await page.keyboard.press('c');
    await field(page, 'To').fill(to);
    await page.keyboard.press('Enter');
    await field(page, 'Subject').fill(subject);
    await body(page).click();
    await page.keyboard.type(text);
  }

  async function close(page: Page): Promise<void> {
    await page.context().close();
  }

  it('sends to a colleague, who sees it within a second of its leaving', async () => {
    const [anne, paul] = await Promise.all([webmail.open('anne'), webmail.open('paul')]);
    await write(anne, 'paul@labo.example', 'Beam time', 'Thursday works.');
    const started = Date.now();
    await anne.keyboard.press('Control+Enter');
    await composer(anne).waitFor({ state: 'detached' });
    assert.ok(Date.now() - started < 1_000, 'the composer closes at once');
    await paul.locator('[role=row]', { hasText: 'Beam time' }).waitFor({ timeout: 30_000 });
    assert.ok(Date.now() - started < 23_000, `${Date.now() - started} ms for 20 s of holding`);

    await paul.locator('[role=row]', { hasText: 'Beam time' }).click();
    await paul.getByText('Thursday works.').first().waitFor();
    await paul.keyboard.press('r');
    await body(paul).waitFor();
    assert.match(await composer(paul).innerText(), /anne/i);
    assert.equal(await field(paul, 'Subject').inputValue(), 'Re: Beam time');
    await close(paul);
    await close(anne);
  });

  it('keeps what is typed before the editor has come', async () => {
    const page = await webmail.open('anne');
    let come = (): void => undefined;
    const coming = new Promise<void>((resolve) => {
      come = resolve;
    });
    let asked = 0;
    await page.route(/\/rich-editor[^/]*\.js$/, async (route) => {
      asked++;
      await coming;
      await route.continue();
    });
    await write(page, 'paul@labo.example', 'Quick', 'One.');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Two.');
    assert.equal(asked, 1, 'the editor is still on its way');
    come();
    await composer(page).locator('[role=textbox][aria-busy=false]').waitFor();
    await page.keyboard.type(' Three.');
    assert.equal((await body(page).innerText()).trim(), 'One.\nTwo. Three.');
    await composer(page).getByRole('button', { name: 'Throw this draft away' }).click();
    await close(page);
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

  it('moves people between the fields by keys and by dragging', async () => {
    const page = await webmail.open('anne');
    await page.keyboard.press('c');
    await field(page, 'To').fill('paul@labo.example, zoe@labo.example; ');
    await page.keyboard.press('Enter');
    const people = (name: string) => composer(page).locator('.address-field', { hasText: name }).locator('.chip');
    await field(page, 'To').focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Alt+ArrowLeft');
    assert.deepEqual(await people('To').locator('.name').allInnerTexts(), ['zoe@labo.example', 'paul@labo.example']);
    await page.keyboard.press('Alt+ArrowDown');
    assert.deepEqual(await people('Cc').locator('.name').allInnerTexts(), ['zoe@labo.example']);
    await people('To').first().dragTo(people('Cc').first());
    assert.deepEqual(await people('Cc').locator('.name').allInnerTexts(), ['paul@labo.example', 'zoe@labo.example']);
    await composer(page).getByRole('button', { name: 'Throw this draft away' }).click();
    await close(page);
  });

  it('keeps a draft over a reload, and brings it back', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'Half written', 'This has to stay');
    // Two seconds after the last change, and the editor may still settle after the last key.
    const kept = () =>
      page.evaluate<number>(
        'Object.keys(sessionStorage).filter((key) => key.startsWith("vaguemestre-drafts/")).length',
      );
    await eventually(async () => (await kept()) > 0, 'the draft in the tab');
    await page.waitForTimeout(500);
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
    await field(page, 'Password').waitFor({ timeout: 30_000 });
    assert.equal(await field(page, 'Subject').inputValue(), 'Long evening');
    await field(page, 'Password').fill('wrong');
    await page.keyboard.press('Enter');
    await composer(page).getByRole('alert').waitFor();
    await field(page, 'Password').fill(webmail.laboratory.password);
    await page.keyboard.press('Enter');
    await saved(page).waitFor({ timeout: 30_000 });
    await close(page);
  });

  it('attaches files and shows images in the text, and both are in what leaves', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'With files', 'See the dot: ');
    await composer(page)
      .locator('input[type=file]')
      .setInputFiles([
        { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello\n') },
        { name: 'macro.xlsm', mimeType: 'application/octet-stream', buffer: Buffer.from('x') },
      ]);
    await composer(page).getByText('notes.txt').waitFor();
    await composer(page).getByText('will be held').waitFor();
    await composer(page).getByRole('button', { name: 'Remove macro.xlsm' }).click();
    await page.evaluate(
      `(async () => {
        const octets = Uint8Array.from(atob('${png.toString('base64')}'), (c) => c.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([octets], 'dot.png', { type: 'image/png' }));
        const editor = document.querySelector('section.composer [contenteditable]');
        editor.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
      })()`,
    );
    await composer(page).locator('[contenteditable] img').click();
    await composer(page).getByRole('button', { name: 'Small', exact: true }).click();
    await composer(page).getByLabel('Description').fill('A red dot');
    await composer(page).getByText(', ready').waitFor();
    await page.waitForTimeout(500);
    await page.keyboard.press('Control+Enter');
    await composer(page).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Undo/ }).waitFor();
    const imap = await webmail.laboratory.imap('anne');
    await imap.ok('SELECT Envoy&AOk-s');
    const text = JSON.stringify(await imap.ok('FETCH * BODY.PEEK[]'), (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    );
    assert.match(text, /multipart\/mixed/);
    assert.match(text, /multipart\/related/);
    assert.match(text, /filename="?notes\.txt/);
    assert.doesNotMatch(text, /xlsm/);
    assert.match(text, /<img [^>]{0,80}src=(?:3D)?[^ ]{1,4}cid:/);
    assert.match(text, /width=(?:3D)?\\"160/);
    assert.match(text, /A red dot/);
    assert.match(text, /See the dot/);
    await imap.logout();
    await close(page);
  });

  it('asks before a message leaves that speaks of a file and has none, or has nobody to go to', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'Report', 'The report is attached.');
    await page.keyboard.press('Control+Enter');
    await page.getByText('no file is attached').waitFor();
    await page.getByRole('button', { name: 'Back to the message' }).click();
    await composer(page)
      .getByRole('button', { name: /^Remove paul/ })
      .click();
    await page.keyboard.press('Control+Enter');
    await page.getByText('Who are you writing to?').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Send as it is' }).count(), 0);
    await page.keyboard.press('Escape');
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

  it('waits for the network, and leaves by itself when it is back', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'On the train', 'In a tunnel.');
    await saved(page).waitFor({ timeout: 30_000 });
    await page.context().setOffline(true);
    await composer(page)
      .getByRole('button', { name: /^Send when online/ })
      .click();
    await page.getByText('will leave by itself').first().waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: /^Undo/ }).waitFor({ timeout: 20_000 });
    await close(page);
  });

  it('is written as plain text, and back, without losing a word', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'Modes', 'Plain words');
    await composer(page).getByRole('button', { name: 'Bold' }).click();
    await page.keyboard.type(' and bold');
    await composer(page).getByRole('button', { name: 'Plain text' }).click();
    await page.getByRole('button', { name: 'Change to plain text' }).click();
    assert.equal((await composer(page).locator('textarea').inputValue()).trim(), 'Plain words and bold');
    await composer(page).locator('textarea').fill('Only text');
    await field(page, 'Subject').fill('Modes, again');
    assert.equal(await composer(page).locator('textarea').inputValue(), 'Only text');
    assert.equal(await page.evaluate('document.activeElement?.id'), await field(page, 'Subject').getAttribute('id'));
    await composer(page).getByRole('button', { name: 'Formatting' }).click();
    await page.locator('section.composer [contenteditable]', { hasText: 'Only text' }).waitFor();
    await close(page);
  });

  it('sends plain text that flows, and goes on with it as it was written', async () => {
    const page = await webmail.open('anne');
    const long =
      'A paragraph that is longer than a line of mail, so that it has to be broken on its way and put together again.';
    await write(page, 'paul@labo.example', 'Flowing', '');
    await composer(page).getByRole('button', { name: 'Plain text' }).click();
    await composer(page).locator('textarea').fill(`${long}\n\n> quoted`);
    await composer(page)
      .getByRole('button', { name: /^Close and keep/ })
      .click();
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.locator('[role=row]', { hasText: 'Flowing' }).first().waitFor();
    const imap = await webmail.laboratory.imap('anne');
    await imap.ok('SELECT Brouillons');
    const text = JSON.stringify(await imap.ok('FETCH * BODY.PEEK[]'), (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    );
    assert.match(text, /format=flowed/);
    assert.match(text, /has to be \\r\\nbroken/);
    await imap.logout();
    await page.locator('[role=row]', { hasText: 'Flowing' }).first().click();
    await composer(page).locator('textarea').waitFor();
    assert.equal((await composer(page).locator('textarea').inputValue()).trim(), `${long}\n\n> quoted`);
    await composer(page).getByRole('button', { name: 'Throw this draft away' }).click();
    await close(page);
  });

  it('is one draft in two tabs: the second asks, and takes it over', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'Two tabs', 'First');
    await saved(page).waitFor({ timeout: 30_000 });
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

  it('has nothing that axe finds, light and dark, nor have its sheets', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await webmail.open('anne', { colorScheme, bypassCSP: true });
      await write(page, 'stranger@elsewhere.example', 'Axe', 'See what is attached.');
      await page.addScriptTag({ content: axe });
      const look = async (what: string): Promise<void> => {
        const found = await page.evaluate(
          `axe.run(document.querySelector('${what}')).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join(' ')))`,
        );
        assert.deepEqual(found, [], what);
      };
      await look('section.composer');
      await page.keyboard.press('Control+Enter');
      await page.getByText('no file is attached').waitFor();
      await look('dialog[open]');
      await page.keyboard.press('Escape');
      await composer(page).getByRole('button', { name: 'Later' }).click();
      await page.locator('dialog[open]').waitFor();
      await look('dialog[open]');
      await close(page);
    }
  });
});
