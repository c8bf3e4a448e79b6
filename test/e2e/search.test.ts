/** Searching in the webmail, over the real service: what is offered, what is found and why, and what can be done with it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../harness/browser.js';
import { type Laboratory, openLaboratory } from '../harness/laboratory.js';
import { axeFindings, eventually, type MailPage, openMailPage, rowCount, subjectsOf } from '../harness/mail-browser.js';
import { unlessInstalled } from '../harness/programs.js';

describe('searching in the webmail', { skip: unlessInstalled('chromium'), timeout: 300_000 }, () => {
  let laboratory: Laboratory;
  let browser: Browser;
  let mail: MailPage;
  let page: Page;

  async function deliver(
    messages: readonly (readonly [subject: string, body: string, from?: string])[],
  ): Promise<void> {
    const client = await laboratory.lmtp();
    await client.lhlo();
    for (const [subject, body, from = '"Anna Weber" <anna.weber@uni-x.example>'] of messages) {
      const text = `From: ${from}\r\nTo: claire@labo.example\r\nSubject: ${subject}\r\n\r\n${body}\r\n`;
      const [reply] = await client.deliver({
        from: 'anna.weber@uni-x.example',
        to: [laboratory.address('claire')],
        message: Buffer.from(text),
      });
      assert.equal(reply?.code, 250);
    }
    await client.quit();
  }

  before(async () => {
    [laboratory, browser] = await Promise.all([openLaboratory(['claire', 'bertrand']), openBrowser()]);
    await deliver([
      ['Temps de faisceau', 'Les horaires sont joints.'],
      ['Compte rendu', `${'Un long texte avant. '.repeat(20)}Le faisceau a tenu toute la nuit.`],
      ['Faisceau perdu', 'A jeter.'],
      ['Budget', 'Rien de neuf.', '"Paul Arnal" <paul@elsewhere.example>'],
    ]);
    const program = await laboratory.imap('claire');
    await program.ok('SELECT INBOX');
    await program.ok('MOVE 3 Corbeille');
    await program.ok('LOGOUT');
    mail = await openMailPage(browser, laboratory, 'claire');
    page = mail.page;
    await eventually(async () => (await rowCount(page)) === 3, 'the list');
  });
  after(async () => {
    await browser?.close();
    await laboratory?.stop();
  });

  const field = () => page.getByRole('combobox', { name: 'Rechercher dans tout le courrier' });
  async function type(text: string): Promise<void> {
    await page.keyboard.press('/');
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await page.keyboard.type(text);
  }
  const clear = (): Promise<void> => page.getByRole('button', { name: 'Effacer la recherche' }).click();

  it('completes operators, folders and colleagues with Tab, and shows where it looks', async () => {
    await type('av');
    await page.getByRole('option', { name: /avec:/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    assert.equal(await field().inputValue(), 'avant:');
    await page.keyboard.type('hi');
    await page.getByRole('option', { name: /avant:hier/ }).waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Retirer avant hier' }).waitFor();
    await page.keyboard.type('dans:corb');
    await page.getByRole('option', { name: /Corbeille/ }).waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Où chercher: Corbeille' }).waitFor();
    await page.keyboard.type('à:ber');
    await page.getByRole('option', { name: /bertrand@labo.example/ }).waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: /^Retirer à.*ertrand/ }).waitFor();
    assert.equal(await field().inputValue(), '');
    await clear();
  });

  it('marks why a row is there, and the words in the message', async () => {
    await type('faisceau');
    await page.keyboard.press('Enter');
    await eventually(async () => (await rowCount(page)) === 2, 'both messages');
    await page.locator('[role=row] mark', { hasText: 'faisceau' }).first().waitFor();
    await page
      .locator('[role=row]', { hasText: 'Compte rendu' })
      .locator('.snippet', { hasText: 'faisceau' })
      .waitFor();
    await page.locator('[role=row]', { hasText: 'Temps de faisceau' }).click();
    await page.locator('[role=row]', { hasText: 'Compte rendu' }).click();
    await eventually(
      () => page.evaluate<boolean>("(CSS.highlights.get('found')?.size ?? 0) > 0"),
      'the marks in the message',
    );
    assert.match(page.url(), /search\/[^?]+\?q=faisceau/);
  });

  it('says that the trash was left out, and looks there too with one click', async () => {
    await page.getByRole('button', { name: 'Y chercher aussi : 1' }).click();
    await eventually(async () => (await rowCount(page)) === 3, 'the one in the trash');
    assert.match(page.url(), /q=faisceau(?:\+|%20)dans%3Apartout/);
    await page.reload();
    await eventually(async () => (await rowCount(page)) === 3, 'the same after a reload');
    await page.getByRole('button', { name: 'Les laisser de côté' }).click();
    await eventually(async () => (await rowCount(page)) === 2, 'without the trash');
  });

  it('says what it did not understand, and how to search more widely when nothing is found', async () => {
    await type('budget avant:demain');
    await page.keyboard.press('Enter');
    await page.getByText('« demain » n’est pas un jour').waitFor();
    await page.getByRole('button', { name: 'Sans « avant:demain » : 1' }).click();
    await eventually(async () => (await subjectsOf(page))[0] === 'Budget', 'the loosened search');
    await type('perdu');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Avec la corbeille et les indésirables : 1' }).click();
    await eventually(async () => (await subjectsOf(page))[0] === 'Faisceau perdu', 'the one in the trash');
  });

  it('looks in the folder one was in, when asked to', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Archives' }).click();
    await type('faisceau');
    await page.getByRole('button', { name: /^Où chercher/ }).click();
    await page.getByRole('menuitemcheckbox', { name: 'dans : Archives' }).click();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Dans tout le courrier : 2' }).click();
    await eventually(async () => (await rowCount(page)) === 2, 'all mail again');
  });

  it('acts on everything in a search, and takes it back', async () => {
    await page.locator('[role=grid]').focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Shift+i');
    await eventually(async () => (await page.locator('[role=row] .unread').count()) === 0, 'all read');
    await page.keyboard.press('z');
    await eventually(async () => (await page.locator('[role=row] .unread').count()) === 2, 'as before');
  });

  it('explains itself, and tries an example', async () => {
    await page.keyboard.press('/');
    await page.getByRole('button', { name: 'Comment chercher' }).click();
    await page.locator('dialog[open]').waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole('button', { name: 'avec:fichier' }).click();
    await page.getByRole('button', { name: 'Retirer avec fichier' }).waitFor();
    assert.match(page.url(), /q=avec%3Afichier/);
  });

  it('has nothing that axe finds with the panel open', async () => {
    await type('faisceau av');
    await page.getByRole('option', { name: /avant:/ }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    assert.deepEqual(mail.complaints, []);
  });

  it('forgets what was searched at sign-out', async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Compte/ }).click();
    await page.getByRole('menuitem', { name: 'Fermer la session' }).click();
    await page.locator('#username').waitFor();
    assert.equal(await page.evaluate('sessionStorage.length'), 0);
  });
});
