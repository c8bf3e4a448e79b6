/** Folders and labels in the page, over the real service: made, named, moved, hidden, deleted, and each act taken back. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { axeFindings, eventually, rowCount, settingsOf } from '../harness/mail-browser.js';
import { unlessInstalled } from '../harness/programs.js';
import { openWebmail, type Webmail } from '../harness/webmail.js';

describe('folders and labels', { skip: unlessInstalled('chromium') }, () => {
  let webmail: Webmail;
  let page: Page;
  let side: Locator;

  before(async () => {
    webmail = await openWebmail(['claire']);
    const lmtp = await webmail.laboratory.lmtp();
    await lmtp.lhlo();
    for (const [index, to] of [
      'claire@labo.example',
      'claire@labo.example, anna@uni-x.example',
      'all@uni-x.example',
    ].entries()) {
      const text = `From: Anna <anna@uni-x.example>\r\nTo: ${to}\r\nSubject: Message ${index}\r\nMessage-ID: <${index}@uni-x.example>\r\n\r\nBonjour\r\n`;
      await lmtp.deliver({
        from: 'anna@uni-x.example',
        to: [webmail.laboratory.address('claire')],
        message: Buffer.from(text),
      });
    }
    await lmtp.quit();
    page = await webmail.open('claire');
    side = page.getByRole('navigation');
    await eventually(async () => (await rowCount(page)) === 3, 'the mail');
  });
  after(() => webmail?.close());

  const line = (name: string): Locator => side.getByRole('link', { name: new RegExp(`^${name}( \\d|$)`) });
  const choose = async (of: string, item: string): Promise<void> => {
    await line(of).click({ button: 'right' });
    await page.getByRole('menuitem', { name: item }).click();
  };
  const undo = async (): Promise<void> => {
    await page.locator('[role=grid]').focus();
    await page.keyboard.press('z');
  };
  async function make(name: string, parent?: string): Promise<void> {
    if (parent === undefined) await side.getByRole('button', { name: 'New folder' }).click();
    else await choose(parent, 'New folder in it');
    await page.getByLabel('Folder name').fill(name);
    await page.keyboard.press('Enter');
    await line(name).waitFor();
  }
  async function folders(): Promise<readonly string[]> {
    const imap = await webmail.laboratory.imap('claire');
    const { untagged } = await imap.ok('LIST "" "*"');
    await imap.logout();
    return untagged.filter(({ name }) => name === 'LIST').map(({ values }) => String(values[2]));
  }

  it('makes folders, one in another, and says when a name is taken or cannot be', async () => {
    await make('Projets');
    await make('ANR', 'Projets');
    await make('Ecole');
    await side.getByRole('button', { name: 'New folder' }).click();
    const field = page.getByLabel('Folder name');
    await field.fill('Projets');
    await page.keyboard.press('Enter');
    await page.getByText('There is a folder of that name in this place already.').waitFor();
    await field.fill('a/b');
    await page.keyboard.press('Enter');
    await page.getByText('A slash has no place in it').waitFor();
    await page.keyboard.press('Escape');
    assert.ok((await folders()).includes('Projets/ANR'));
  });

  it('renames with F2 and takes it back', async () => {
    await line('Ecole').focus();
    await page.keyboard.press('F2');
    await page.getByLabel('Folder name').fill('École d’été');
    await page.keyboard.press('Enter');
    await line('École d’été').waitFor();
    await page.getByText('The folder is now called École d’été').waitFor();
    await undo();
    await line('Ecole').waitFor();
  });

  it('moves by the menu and by dragging, never into itself', async () => {
    await choose('Ecole', 'Move');
    await page.getByRole('combobox', { name: 'Move Ecole' }).fill('proj');
    await page.getByRole('option', { name: 'Projets / ANR' }).waitFor();
    await page.getByRole('option', { name: 'Projets', exact: true }).click();
    await page.getByText('Ecole is now in Projets').waitFor();
    assert.ok((await folders()).includes('Projets/Ecole'));
    await line('Ecole').dragTo(side.locator('h2', { hasText: 'Folders' }));
    await page.getByText('Ecole is now at the top level').waitFor();
    await line('Ecole').dragTo(line('ANR'));
    await page.getByText('Ecole is now in ANR').waitFor();
    assert.ok((await folders()).includes('Projets/ANR/Ecole'));
    await line('Projets').dragTo(line('ANR'));
    await page.waitForTimeout(200);
    assert.ok((await folders()).includes('Projets/ANR/Ecole'));
    await undo();
    await eventually(async () => (await folders()).includes('Ecole'), 'the folder back at the top');
  });

  it('hides a folder from the side bar and shows it again', async () => {
    await choose('Ecole', 'Hide');
    await page.getByText('Ecole is no longer shown').waitFor();
    await line('Ecole').waitFor({ state: 'detached' });
    await side.getByRole('button', { name: '1 hidden' }).click();
    await choose('Ecole', 'Show');
    await page.getByText('Ecole is shown again').waitFor();
    await side.getByRole('button', { name: '1 hidden' }).waitFor({ state: 'detached' });
  });

  it('deletes an empty folder at once, one with mail after a question, and brings mail and folders back', async () => {
    await line('Ecole').focus();
    await page.keyboard.press('Delete');
    await page.getByText('Folder Ecole deleted').waitFor();
    await line('Ecole').waitFor({ state: 'detached' });
    await undo();
    await line('Ecole').waitFor();

    await page.locator('[data-index="0"]').dragTo(line('ANR'));
    await page.getByText('1 message moved to ANR').waitFor();
    await choose('Projets', 'Delete');
    await page.getByText('Its message goes to the trash.').waitFor();
    await page.getByText('The folder in it is deleted with it.').waitFor();
    await page.getByRole('button', { name: 'Delete the folder' }).click();
    await page.getByText('Folder Projets deleted, 1 message moved to the trash').waitFor();
    await line('ANR').waitFor({ state: 'detached' });
    await line('Trash').click();
    await eventually(async () => (await rowCount(page)) === 1, 'the message in the trash');
    await undo();
    await line('ANR').click();
    await eventually(async () => (await rowCount(page)) === 1, 'the message back in its folder');
    assert.ok((await folders()).includes('Projets/ANR'));
  });

  it('marks all as read, from the menu', async () => {
    await line('Inbox').click();
    await eventually(async () => (await page.locator('[role=row] .unread').count()) === 2, 'two unread');
    await choose('Inbox', 'Mark all as read');
    await eventually(async () => (await page.locator('[role=row] .unread').count()) === 0, 'none unread');
    await undo();
    await eventually(async () => (await page.locator('[role=row] .unread').count()) === 2, 'unread again');
  });

  it('keeps name, colour and order of labels for every browser, and counts them', async () => {
    await page.locator('[data-index="0"]').click({ modifiers: ['Control'] });
    await page.keyboard.press('l');
    await page.getByRole('combobox', { name: 'Label' }).fill('Urgent');
    await page.keyboard.press('Enter');
    await page.getByText('Urgent: 1 message').waitFor();
    await side.getByRole('button', { name: 'New label' }).click();
    await page.getByLabel('Label name').fill('Été');
    await page.getByRole('radio', { name: 'Green' }).check({ force: true });
    await page.getByRole('button', { name: 'Create the label' }).click();
    await side.getByRole('link', { name: 'Urgent 1 unread' }).waitFor();
    await line('Urgent').focus();
    await page.keyboard.press('F2');
    await page.getByLabel('Label name').fill('Très urgent');
    await page.getByRole('checkbox', { name: 'tres_urgent' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The label is now called Très urgent').waitFor();
    await eventually(async () => (await settingsOf(page)).includes('Très urgent'), 'the name on the server');
    const imap = await webmail.laboratory.imap('claire');
    await imap.ok('SELECT INBOX');
    const found = async (keyword: string): Promise<string> =>
      JSON.stringify((await imap.ok(`SEARCH KEYWORD ${keyword}`)).untagged);
    assert.match(await found('tres_urgent'), /\d/);

    const other = await webmail.open('claire');
    const labels = other.getByRole('navigation').getByRole('list', { name: 'Labels' });
    await eventually(
      async () => JSON.stringify(await labels.locator('.name').allTextContents()) === '["Très urgent","Été"]',
      'the labels elsewhere',
    );
    assert.equal(await labels.locator('li').nth(1).locator('.dot.hue-2').count(), 1);
    await other.context().close();

    await line('Très urgent').click();
    await eventually(async () => (await rowCount(page)) === 1, 'the mail of the label');
    await choose('Très urgent', 'Delete');
    await page.getByText('It will be taken off 1 message.').waitFor();
    await page.getByRole('button', { name: 'Delete the label' }).click();
    await page.getByText('Label Très urgent deleted').waitFor();
    await line('Très urgent').waitFor({ state: 'detached' });
    await undo();
    await line('Très urgent').waitFor();
    await imap.logout();
  });

  it('tells what is to the reader, alone or among others, and lets filters hold together', async () => {
    await line('Inbox').click();
    await page.locator('[role=row] [title="to you alone"], [role=row] [title="to you and others"]').first().waitFor();
    const filter = (name: string): Locator => page.getByRole('group', { name: 'Filter' }).getByRole('button', { name });
    await filter('To me').click();
    await filter('Unread').click();
    await eventually(
      async () => page.url().endsWith('?show=unread,toMe') || page.url().endsWith('?show=unread%2CtoMe'),
      'both in the address',
    );
    const before = await rowCount(page);
    await filter('All').click();
    assert.ok((await rowCount(page)) >= before);
    await line('To me').click();
    await page.getByRole('heading', { name: 'To me' }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
  });
});
