/** What a person does before the code or the data for it has come, against the real service: nothing of it is lost or goes astray. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { body, close, composer, field, saved, write } from '../harness/composing.js';
import { unlessInstalled } from '../harness/programs.js';
import { openWebmail, type Webmail } from '../harness/webmail.js';

interface HeldBack {
  readonly asked: number;
  /** Lets it come, now and from now on. */
  come(): void;
}

/** Keeps loads of these addresses waiting. */
async function holdBack(page: Page, address: RegExp): Promise<HeldBack> {
  let come = (): void => undefined;
  let asked = 0;
  const coming = new Promise<void>((resolve) => {
    come = resolve;
  });
  await page.route(address, async (route) => {
    asked++;
    await coming;
    await route.continue();
  });
  return {
    get asked() {
      return asked;
    },
    come: () => come(),
  };
}

describe('at once in the webmail', { skip: unlessInstalled('chromium'), timeout: 240_000 }, () => {
  let webmail: Webmail;
  before(async () => {
    webmail = await openWebmail(['anne', 'paul']);
    const lmtp = await webmail.laboratory.lmtp();
    await lmtp.lhlo();
    const text = [
      'From: Zoe <zoe@elsewhere.example>',
      'To: anne@labo.example',
      'Subject: In colour',
      'Message-ID: <colour@elsewhere.example>',
      'MIME-Version: 1.0',
      'Content-Type: text/html; charset=utf-8',
      '',
      '<p>The <b style="color: red">red</b> one, please.</p>',
      '',
    ].join('\r\n');
    await lmtp.deliver({ from: 'zoe@elsewhere.example', to: ['anne@labo.example'], message: Buffer.from(text) });
    await lmtp.quit();
  });
  after(() => webmail.close());

  async function source(folder: string): Promise<string> {
    const imap = await webmail.laboratory.imap('anne');
    await imap.ok(`SELECT ${folder}`);
    const text = JSON.stringify(await imap.ok('FETCH * BODY.PEEK[]'), (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    );
    await imap.logout();
    return text.replaceAll('=\\r\\n', '');
  }

  it('keeps what is typed before the editor has come', async () => {
    const page = await webmail.open('anne');
    const editor = await holdBack(page, /\/rich-editor[^/]*\.js$/);
    await write(page, 'paul@labo.example', 'Quick', 'One.');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Two.');
    assert.equal(editor.asked, 1, 'the editor is still on its way');
    editor.come();
    await composer(page).locator('[role=textbox][aria-busy=false]').waitFor();
    await page.keyboard.type(' Three.');
    assert.equal((await body(page).innerText()).trim(), 'One.\nTwo. Three.');
    await composer(page).getByRole('button', { name: 'Throw this draft away' }).click();
    await close(page);
  });

  it('sends what is quoted with an answer that leaves before the editor has come', async () => {
    const page = await webmail.open('anne');
    const editor = await holdBack(page, /\/rich-editor[^/]*\.js$/);
    await page.locator('[role=row]', { hasText: 'In colour' }).click();
    await page.keyboard.press('r');
    await page.keyboard.type('This one.');
    await page.locator('section.composer blockquote', { hasText: 'The red one, please.' }).waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: /^Undo/ }).waitFor();
    editor.come();
    const sent = await source('Envoy&AOk-s');
    assert.match(sent, /This one\./);
    assert.match(sent, /<blockquote[^>]{0,200}>.{0,400}red.{0,100}one, please/);
    assert.match(sent, /> The red one, please/);
    await close(page);
  });

  it('shows an image that is pasted before the editor has come', async () => {
    const page = await webmail.open('anne');
    const editor = await holdBack(page, /\/rich-editor[^/]*\.js$/);
    await write(page, 'paul@labo.example', 'Picture', 'Look: ');
    await page.evaluate(`(() => {
      const data = new DataTransfer();
      const octets = Uint8Array.from(atob('R0lGODlhAQABAIAAAP8AAP///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=='), (c) => c.charCodeAt(0));
      data.items.add(new File([octets], 'dot.gif', { type: 'image/gif' }));
      document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    })()`);
    await page.keyboard.type(' there.');
    editor.come();
    await composer(page).locator('[role=textbox][aria-busy=false]').waitFor();
    assert.equal(await body(page).locator('img[alt="dot.gif"]').count(), 1);
    assert.equal((await body(page).innerText()).replace(/\s+/g, ' ').trim(), 'Look: there.');
    await page.keyboard.press('Control+s');
    await saved(page).waitFor();
    assert.match(await source('Brouillons'), /<img[^>]{0,200}cid:/);
    await composer(page).getByRole('button', { name: 'Throw this draft away' }).click();
    await close(page);
  });

  it('gives keys for formatted text that is not there yet to that text, and to no command', async () => {
    // Whose worker would answer from what it keeps.
    const page = await webmail.open('anne', { serviceWorkers: 'block' });
    await write(page, '', 'Formatted', 'Begun');
    await composer(page).getByRole('button', { name: 'Bold' }).click();
    await page.keyboard.type(' in bold');
    await page.keyboard.press('Control+s');
    await saved(page).waitFor();
    await page.reload();
    const editor = await holdBack(page, /\/rich-editor[^/]*\.js$/);
    await page.getByRole('button', { name: 'Formatted' }).click();
    await composer(page).locator('[role=textbox][aria-busy=true]').click();
    await page.keyboard.type('e#');
    editor.come();
    await composer(page)
      .locator('[role=textbox][aria-busy=false]', { hasText: /^e#Begun\u200b? in bold/ })
      .waitFor();
    assert.equal(await page.locator('[role=row]', { hasText: 'In colour' }).count(), 1);
    await composer(page).getByRole('button', { name: 'Throw this draft away' }).click();
    await close(page);
  });

  it('counts who is typed but not yet a chip among those who get the message', async () => {
    const page = await webmail.open('anne');
    await write(page, 'paul@labo.example', 'Both', 'To both.');
    await field(page, 'To').fill('zoe@labo.example');
    await page.keyboard.press('Control+Enter');
    await page
      .getByText(/^Sending to paul@labo.example and 1 other/)
      .first()
      .waitFor();
    assert.match(await source('Envoy&AOk-s'), /To: [^\\]{0,100}zoe@labo\.example/);
    await close(page);
  });

  it('takes the person who is meant when Enter comes before the suggestions', async () => {
    const page = await webmail.open('anne');
    const directory = await holdBack(page, /\/api\/directory/);
    await page.keyboard.press('c');
    await field(page, 'To').pressSequentially('pau');
    await page.keyboard.press('Enter');
    await field(page, 'Subject').fill('Quick');
    directory.come();
    await composer(page).locator('.chip', { hasText: 'paul' }).waitFor();
    assert.equal(await composer(page).locator('.chip').count(), 1);
    await composer(page).getByRole('button', { name: 'Throw this draft away' }).click();
    await close(page);
  });

  it('closes a sheet whose code does not come, so that it can be asked for again', async () => {
    const page = await webmail.open('anne');
    await page.locator('[role=row]', { hasText: 'In colour' }).waitFor();
    await page.route(/\/ShortcutSheet[^/]*\.js$/, (route) => route.fulfill({ status: 404, body: '' }));
    await page.keyboard.press('?');
    await page.getByText('This could not be done.').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.locator('dialog[open]').waitFor();
    await close(page);
  });
});
