/** The mail page in a browser, over the real service: what one does to messages, and what one sees of what others do. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../harness/browser.js';
import { type Laboratory, openLaboratory } from '../harness/laboratory.js';
import { axeFindings, eventually, type MailPage, openMailPage, rowCount, subjectsOf } from '../harness/mail-browser.js';
import { unlessInstalled } from '../harness/programs.js';

describe('the mail page', { skip: unlessInstalled('chromium') }, () => {
  let laboratory: Laboratory;
  let browser: Browser;
  let mail: MailPage;
  let page: Page;
  /** The subjects as they stand: what came in the same second has an order of the server's own. */
  let order: readonly string[] = [];

  async function deliver(count: number, subject: (index: number) => string): Promise<void> {
    const client = await laboratory.lmtp();
    await client.lhlo();
    for (let index = 0; index < count; index++) {
      const text = [
        `From: "Anna Weber" <anna.weber@uni-x.example>`,
        `To: ${laboratory.address('claire')}`,
        `Subject: ${subject(index)}`,
        `Message-ID: <${subject(index).replaceAll(' ', '.')}@uni-x.example>`,
        '',
        'Bonjour, voici la suite.',
        '',
      ].join('\r\n');
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
    [laboratory, browser] = await Promise.all([openLaboratory(['claire']), openBrowser()]);
    await deliver(12, (index) => `Message ${String(index + 1).padStart(2, '0')}`);
    mail = await openMailPage(browser, laboratory, 'claire');
    page = mail.page;
    await eventually(async () => (await rowCount(page)) === 12, 'the list');
  });
  after(async () => {
    await browser?.close();
    await laboratory?.stop();
  });

  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const first = async (): Promise<string | undefined> => (await subjectsOf(page))[0];

  it('shows new mail within a second, without being asked', async () => {
    await deliver(1, () => 'Message 13');
    const since = Date.now();
    await eventually(async () => (await first()) === 'Message 13', 'new mail');
    console.log(`new mail was in the list after ${Date.now() - since} ms`);
    await eventually(async () => (await page.title()).includes('(13)'), 'the count in the title');
    order = await subjectsOf(page);
    assert.equal(order.length, 13);
  });

  it('archives with a key at once, and takes it back with another', async () => {
    await press('j', 'e');
    assert.equal(await first(), order[1]);
    assert.equal(await rowCount(page), 12);
    await page.getByText('1 message archivé').waitFor();
    await press('z');
    assert.equal(await first(), order[0]);
    await page.getByText('Annulé').waitFor();
    await eventually(async () => (await rowCount(page)) === 13, 'the row');
  });

  it('chooses rows by keys, by click and over a range, and moves them with v', async () => {
    await page.locator('[data-index="2"]').click({ modifiers: ['Control'] });
    await page.locator('[data-index="4"]').click({ modifiers: ['Shift'] });
    await page.getByRole('heading', { name: '3 messages choisis' }).waitFor();
    await press('v');
    await page.getByRole('combobox', { name: 'Déplacer vers' }).fill('corb');
    await press('Enter');
    await eventually(async () => (await rowCount(page)) === 10, 'the rows gone');
    await page.getByText('3 messages dans Corbeille').waitFor();
    await press('z');
    await eventually(async () => (await rowCount(page)) === 13, 'the rows');
    assert.deepEqual(await subjectsOf(page), order);
  });

  it('acts on everything in a view, and takes all of it back', async () => {
    await press('Control+a', 'Shift+i');
    await page.getByText('13 messages lus').waitFor();
    await eventually(async () => (await page.locator('.unread').count()) === 0, 'all read');
    await press('z');
    await eventually(async () => (await page.locator('[role=row] .unread').count()) > 10, 'all unread again');
  });

  it('drags a row to a folder of the side bar', async () => {
    const target = page.getByRole('navigation').getByRole('link', { name: 'Archives' });
    await page.locator('[data-index="12"]').dragTo(target);
    await page.getByText('1 message dans Archives').waitFor();
    await eventually(async () => (await rowCount(page)) === 12, 'the row gone');
    await press('z');
    await eventually(async () => (await rowCount(page)) === 13, 'the row back');
  });

  it('follows what a mail program does, and shows it what is done here', async () => {
    const program = await laboratory.imap('claire');
    await program.ok('SELECT INBOX');
    const found = await program.ok('SEARCH SUBJECT "Message 13"');
    const number = /\d+/.exec(
      JSON.stringify(found.untagged.filter((line) => JSON.stringify(line).includes('SEARCH'))),
    )?.[0];
    await program.ok(`STORE ${number} +FLAGS (\\Seen)`);
    await eventually(
      async () => (await page.locator('[data-index="0"] .unread').count()) === 0,
      'the mark of the other program',
      1000,
    );
    await page.locator('[data-index="0"]').hover();
    await page.locator('[data-index="0"]').getByTitle('Suivre').click();
    await eventually(
      async () =>
        (await program.ok(`FETCH ${number} (FLAGS)`)).untagged.some((line) => JSON.stringify(line).includes('Flagged')),
      'the flag at the other program',
    );
    await program.ok(`STORE ${number} -FLAGS (\\Seen \\Flagged)`);
    await program.ok('LOGOUT');
  });

  it('keeps another tab as it is itself', async () => {
    const other = await page.context().newPage();
    await other.goto(page.url());
    await eventually(async () => (await subjectsOf(other))[0] === 'Message 13', 'the list in the other tab');
    await press('Escape', 'k', 'k');
    await page.locator('[data-index="0"]').hover();
    await page.locator('[data-index="0"]').getByTitle('Supprimer').click();
    await eventually(async () => (await subjectsOf(other))[0] === order[1], 'the other tab');
    await press('z');
    await eventually(async () => (await subjectsOf(other))[0] === 'Message 13', 'the other tab again');
    await other.close();
  });

  it('finds mail as one types, and has an address for what was found', async () => {
    await press('/');
    await page.keyboard.type('"Message 07" ');
    await page
      .getByRole('option', { name: /Message 07/ })
      .nth(1)
      .waitFor();
    await press('Enter');
    await page.getByRole('heading', { name: 'Résultats' }).waitFor();
    await eventually(async () => (await subjectsOf(page)).join() === 'Message 07', 'what was found');
    assert.match(page.url(), /\/mail\/search\?q=/);
    await page.goBack();
    await eventually(async () => (await rowCount(page)) === 13, 'the inbox');
  });

  it('narrows and sorts by the address', async () => {
    await page.getByRole('button', { name: 'Suivis', exact: true }).click();
    await page.getByText('Rien ne correspond à ce filtre.').waitFor();
    assert.match(page.url(), /show=flagged/);
    await page.getByRole('button', { name: 'Montrer tous les messages' }).click();
    await page.getByRole('button', { name: 'Trier' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Plus anciens d’abord' }).click();
    await eventually(async () => (await subjectsOf(page)).at(-1) === 'Message 13', 'the newest at the end');
    await page.goBack();
    await page.goBack();
    await page.goBack();
    await eventually(async () => (await first()) === 'Message 13', 'the newest');
  });

  it('prints every key on one sheet, and finds any command by its name in either language', async () => {
    await press('?');
    const sheet = page.getByRole('heading', { name: 'Raccourcis' });
    await sheet.waitFor();
    await press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await press('Control+k');
    await page.locator('dialog input').waitFor();
    await page.keyboard.type('dark');
    await page.getByRole('option', { name: 'Changer d’apparence' }).waitFor();
    await press('Escape');
  });

  it('speaks English at a word, without losing its place', async () => {
    await page.getByRole('button', { name: /^Compte/ }).click();
    await page.getByRole('menuitemcheckbox', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Inbox' }).waitFor();
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    await press('Control+k');
    await page.locator('dialog input').waitFor();
    await page.keyboard.type('français');
    await press('Enter');
    await page.getByRole('heading', { name: 'Boîte de réception' }).waitFor();
  });

  for (const [name, options] of [
    ['wide and light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['a tablet', { viewport: { width: 900, height: 700 } }],
    ['a telephone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
    ['320 wide', { viewport: { width: 320, height: 600 } }],
  ] as const) {
    it(`has nothing that axe objects to, ${name}`, async () => {
      const own = await openMailPage(browser, laboratory, 'claire', options);
      assert.deepEqual(await axeFindings(own.page), []);
      assert.ok(await own.page.evaluate('document.documentElement.scrollWidth <= innerWidth'));
      if (name === 'dark') {
        await own.page.keyboard.press('Control+a');
        await own.page.waitForTimeout(150);
        assert.deepEqual(await axeFindings(own.page), []);
        await own.page.keyboard.press('v');
        await own.page.getByRole('combobox', { name: 'Déplacer vers' }).waitFor();
        assert.deepEqual(await axeFindings(own.page), []);
      }
      assert.deepEqual(own.complaints, []);
      await own.page.context().close();
    });
  }

  it('broke no rule of its own security policy, and no script failed', () => assert.deepEqual(mail.complaints, []));
});
