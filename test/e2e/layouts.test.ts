/** The page on screens of every width and under fingers, and addresses that lead nowhere or out of a session that ended. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { axeFindings, eventually, rowCount } from '../harness/mail-browser.js';
import { unlessInstalled } from '../harness/programs.js';
import { openWebmail, type Webmail } from '../harness/webmail.js';

describe('layouts', { skip: unlessInstalled('chromium') }, () => {
  let webmail: Webmail;

  before(async () => {
    webmail = await openWebmail(['claire']);
    const lmtp = await webmail.laboratory.lmtp();
    await lmtp.lhlo();
    for (let index = 0; index < 4; index++) {
      const text = [
        'From: Anna Weber <anna@uni-x.example>',
        'To: claire@labo.example, Hugo <hugo@uni-x.example>',
        `Subject: Message ${index}`,
        `Message-ID: <${index}@uni-x.example>`,
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        'Content-Type: text/plain',
        '',
        'Bonjour',
        '--b',
        'Content-Type: text/csv; name=mesures.csv',
        'Content-Disposition: attachment; filename=mesures.csv',
        '',
        'a,b',
        '--b--',
        '',
      ];
      await lmtp.deliver({
        from: 'anna@uni-x.example',
        to: [webmail.laboratory.address('claire')],
        message: Buffer.from(text.join('\r\n')),
      });
    }
    await lmtp.quit();
  });
  after(() => webmail?.close());

  async function open(options: Parameters<Webmail['open']>[1]): Promise<Page> {
    const page = await webmail.open('claire', options);
    await eventually(async () => (await rowCount(page)) > 2, 'the mail');
    return page;
  }

  it('has people and files of the conversation beside the message on a wide screen', async () => {
    const page = await open({ viewport: { width: 1760, height: 900 } });
    assert.equal(await page.getByRole('complementary').count(), 0);
    await page.locator('[data-index="0"]').click();
    const beside = page.getByRole('complementary', { name: 'People and files' });
    await beside.getByText('anna@uni-x.example').waitFor();
    await beside.getByText('hugo@uni-x.example').waitFor();
    const saved = page.waitForEvent('download');
    await beside.getByRole('button', { name: /mesures.csv/ }).click();
    assert.equal((await saved).suggestedFilename(), 'mesures.csv');
    // On a computer that may be anybody's the browser's history gets no subjects.
    assert.match(await page.title(), /^Inbox/);
    assert.deepEqual(await axeFindings(page), []);
    await beside.getByRole('button', { name: 'Messages from Anna Weber' }).click();
    await eventually(async () => (await rowCount(page)) === 4, 'her messages');
    await page.goBack();
    await page.getByRole('complementary').waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Inbox' }).waitFor();
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goForward();
    assert.equal(await page.getByRole('complementary').count(), 0);
    await page.context().close();
  });

  it('has a menu under the right button, for the row it is on', async () => {
    const page = await open({});
    await page.locator('[data-index="2"]').click({ button: 'right' });
    const menu = page.getByRole('menu');
    await menu.getByRole('menuitem', { name: 'Mark as read' }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
    assert.equal(await page.locator('[role=row][aria-selected=true]').count(), 0);
    await page.locator('[data-index="2"]').click({ button: 'right' });
    await menu.getByRole('menuitem', { name: 'Mark as read' }).click();
    await eventually(async () => (await page.locator('[data-index="2"] .unread').count()) === 0, 'the row read');
    await page.context().close();
  });

  it('on a telephone chooses what is held, and has the menu after a swipe to the left', async () => {
    const page = await open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const cdp = await page.context().newCDPSession(page);
    const touch = (type: string, x?: number, y?: number) =>
      cdp.send('Input.dispatchTouchEvent', {
        type: type as 'touchStart',
        touchPoints: x === undefined ? [] : [{ x, y: y ?? 0 }],
      });
    const box = await page.locator('[data-index="1"]').boundingBox();
    assert.ok(box);
    const [x, y] = [box.x + 300, box.y + box.height / 2];
    await touch('touchStart', x, y);
    for (let by = 20; by <= 140; by += 20) await touch('touchMove', x - by, y);
    await touch('touchEnd');
    await page.getByRole('menuitem', { name: 'Archive' }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole('menuitem', { name: 'Flag' }).click();
    await page.locator('[data-index="1"] .flag').waitFor();

    await touch('touchStart', x, y);
    await page.getByRole('heading', { name: '1 message selected' }).waitFor();
    await touch('touchEnd');
    await page.waitForTimeout(100);
    assert.equal(new URL(page.url()).pathname, '/mail/inbox'.slice(0, new URL(page.url()).pathname.length));
    // What is done to it lies at the thumb, and what writes makes room.
    const tools = await page.getByRole('toolbar', { name: 'More actions' }).boundingBox();
    assert.ok(tools && tools.y + tools.height >= 840, JSON.stringify(tools));
    assert.equal(await page.getByRole('button', { name: 'Write' }).count(), 0);
    await page.getByRole('button', { name: 'Select nothing' }).click();

    await touch('touchStart', x - 250, y);
    for (let by = 20; by <= 160; by += 20) await touch('touchMove', x - 250 + by, y);
    await touch('touchEnd');
    await page.getByText('1 message archived').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.context().close();
  });

  it('reflows at 400 %, and leaves nothing out of reach', async () => {
    const page = await open({ viewport: { width: 320, height: 480 } });
    await page.locator('[data-index="0"]').click();
    await page.getByText('Bonjour').first().waitFor({ state: 'attached' });
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(wide <= 320, `${wide} wide`);
    await page.context().close();
  });

  it('says of an address that leads nowhere that it does, in its own frame', async () => {
    const page = await open({});
    for (const path of ['/nowhere', '/mail/nowhere', '/settings/x']) {
      const answer = await page.goto(webmail.origin + path);
      assert.equal(answer?.status(), path === '/nowhere' ? 404 : 200);
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    }
    await page.getByRole('button', { name: 'Go to the inbox' }).click();
    await eventually(async () => (await rowCount(page)) > 2, 'the inbox');
    const data = await page.evaluate<string>(
      `fetch('/api/nowhere').then(async (one) => one.status + (await one.json()).code)`,
    );
    assert.equal(data, '404nonexistent');
    await page.context().close();
  });

  it('comes back to the same message when the session ended meanwhile', async () => {
    const page = await open({});
    await page.locator('[data-index="1"]').click();
    await page.getByText('Bonjour').first().waitFor({ state: 'attached' });
    const path = new URL(page.url()).pathname;
    await page.context().clearCookies();
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await page.getByRole('alert').getByRole('link').click();
    await page.fill('input[name=username]', 'claire');
    await page.fill('input[name=password]', webmail.laboratory.password);
    await page.keyboard.press('Enter');
    await page.getByText('Bonjour').first().waitFor({ state: 'attached' });
    assert.equal(new URL(page.url()).pathname, path);
    await page.context().close();
  });
});
