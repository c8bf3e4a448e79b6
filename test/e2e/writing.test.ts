/** Writing in the webmail, against the real service: what is typed and attached, and how it looks when it leaves. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { close, composer, field, write } from '../harness/composing.js';
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
