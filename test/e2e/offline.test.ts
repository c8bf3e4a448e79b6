/**
 * What is done in the webmail without network, against the real service: on one's own computer it outlives the page and is done in
 * the end; on another's computer nothing of a reader is left when the browser is closed.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { eventually } from '../harness/mail-browser.js';
import { unlessInstalled } from '../harness/programs.js';
import { openWebmail, type Webmail } from '../harness/webmail.js';

describe('without network', { skip: unlessInstalled('chromium'), timeout: 300_000 }, () => {
  let webmail: Webmail;
  before(async () => {
    webmail = await openWebmail(['claire']);
    const lmtp = await webmail.laboratory.lmtp();
    await lmtp.lhlo();
    for (const name of ['First', 'Second', 'Third']) {
      const message = `From: Anna <anna@uni-x.example>\r\nTo: claire@labo.example\r\nSubject: ${name}\r\nMessage-ID: <${name}@uni-x.example>\r\n\r\nBonjour\r\n`;
      await lmtp.deliver({ from: 'anna@uni-x.example', to: ['claire@labo.example'], message: Buffer.from(message) });
    }
    await lmtp.quit();
  });
  after(() => webmail.close());

  const row = (page: Page, subject: string) => page.locator('[role=row][data-index]', { hasText: subject });
  /** Entries of a store of the vault. */
  const kept = (page: Page, store: string): Promise<number> =>
    page.evaluate<number>(`(async () => {
      const db = await new Promise((resolve, reject) => {
        const asked = indexedDB.open('vaguemestre-vault');
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
      });
      const counted = db.transaction('${store}').objectStore('${store}').count();
      await new Promise((resolve) => { counted.onsuccess = resolve; });
      db.close();
      return counted.result;
    })()`);

  it('keeps flags and moves over a reload, and does them when the network is back', async () => {
    const page = await webmail.open('claire', { own: true });
    await row(page, 'First').waitFor();
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    await eventually(
      () =>
        page.evaluate<boolean>(`(async () => {
          const found = await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)));
          return navigator.serviceWorker.controller !== null && found.flat().some((url) => url.endsWith('/shell'));
        })()`),
      'the page in the browser',
    );
    await eventually(async () => (await kept(page, 'mail')) > 1, 'the list in the vault');

    await webmail.cut(page, true);
    const act = async (subject: string, button: string): Promise<void> => {
      await row(page, subject).hover();
      await row(page, subject).getByTitle(button).click();
    };
    await act('First', 'Flag');
    await row(page, 'First').locator('.flag').waitFor({ state: 'attached' });
    await act('Second', 'Archive');
    await row(page, 'Second').waitFor({ state: 'detached' });
    await eventually(async () => (await kept(page, 'changes')) === 2, 'both changes in the vault');

    // Somebody else files the third meanwhile, after it was to be archived here.
    await act('Third', 'Archive');
    await eventually(async () => (await kept(page, 'changes')) === 3, 'three changes in the vault');
    const imap = await webmail.laboratory.imap('claire');
    await imap.ok('SELECT INBOX');
    await imap.ok('MOVE 3 Corbeille');

    await page.reload();
    await row(page, 'First').locator('.flag').waitFor({ state: 'attached' });
    assert.equal(await row(page, 'Second').count(), 0);
    await webmail.cut(page, false);
    await eventually(async () => (await kept(page, 'changes')) === 0, 'an empty vault');

    const subjects = async (box: string, what: string): Promise<string> => {
      await imap.ok(`SELECT ${box}`);
      return JSON.stringify((await imap.ok(`SEARCH ${what}`)).untagged);
    };
    assert.match(await subjects('INBOX', 'FLAGGED SUBJECT First'), /\d/);
    assert.match(await subjects('Archives', 'SUBJECT Second'), /\d/);
    assert.doesNotMatch(await subjects('Archives', 'SUBJECT Third'), /\d/);
    assert.match(await subjects('Corbeille', 'SUBJECT Third'), /\d/);
    await imap.logout();
    await page.context().close();
  });

  it('leaves no choice and no label behind on a computer that is not one’s own', async () => {
    const page = await webmail.open('claire');
    await page.keyboard.press('g');
    await page.keyboard.press(',');
    await page.getByRole('tab', { name: 'Appearance' }).click();
    await page.getByRole('button', { name: 'Compact' }).click();
    await eventually(
      async () => (await page.evaluate<string>('JSON.stringify({ ...sessionStorage })')).includes('compact'),
      'the choice in the tab',
    );
    assert.equal(await page.evaluate<number>('localStorage.length'), 0);
    await page.reload();
    await page.locator('nav.side').waitFor();
    assert.equal(await page.evaluate<string>('document.documentElement.dataset.density'), 'compact');
    await page.context().close();
  });
});
