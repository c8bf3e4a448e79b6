/**
 * Hostile messages in the webmail itself, on the running service: delivered, listed, opened, looked at in every way there
 * is. In each a script that runs or a load from outside would be seen (test/harness/reading-page.ts). The bodies are tried
 * one by one in hostile-mail.test.ts, with the control; here a part of them, or all with VAGUEMESTRE_TEST_LONG=1.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { aroundTheBody, hostileWord } from '../fixtures/hostile/around-the-body.js';
import { hostileMessages } from '../harness/hostile-messages.js';
import { unlessInstalled } from '../harness/programs.js';
import { openReadingRoom, type Reader, type ReadingRoom } from '../harness/reading-page.js';

const all = process.env['VAGUEMESTRE_TEST_LONG'] === '1';
const bodies = hostileMessages.filter((_, index) => all || index % 16 === 0);

describe('hostile mail in the webmail', { skip: unlessInstalled('chromium') }, () => {
  let room: ReadingRoom;
  let reader: Reader;
  const files: string[] = [];

  before(async () => {
    room = await openReadingRoom();
    const imap = await room.lab.imap('claire.vasseur');
    await imap.ok(`CREATE "${hostileWord('N11').replaceAll('"', '')}"`);
    const word = hostileWord('N02');
    const draft = `Subject: N02 ${word}\r\nTo: "${word.replaceAll('"', '')}" <x@t.test>\r\n\r\n${word}`;
    await imap.ok(`APPEND Brouillons (\\Draft \\Seen) {${draft.length}+}\r\n${draft}`);
    imap.destroy();
    await room.deliver(
      bodies.map(
        ({ id, html }) =>
          `From: ${id} <${id}@t.test>\r\nSubject: ${id}\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(html).toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n`,
      ),
    );
    await room.deliver(aroundTheBody.map(({ text }) => text));
    reader = await room.enter();
  });
  after(() => room.close());

  const nothingHappened = (): void => {
    assert.deepEqual([...room.scripts], []);
    assert.deepEqual(room.outside, []);
  };

  /** Details, the first file, the source: everything that shows more of a message. */
  async function lookAround(page: Page): Promise<void> {
    await page.locator('.pane .recipients').first().click();
    const file = page.locator('.pane .file').first();
    if (await file.isVisible()) {
      // What cannot be looked at here is kept instead.
      const kept = page.waitForEvent('download').then(() => false);
      const shown = page
        .locator('dialog:modal')
        .waitFor()
        .then(() => true);
      kept.catch(() => undefined);
      shown.catch(() => undefined);
      await file.click();
      if (await Promise.race([kept, shown])) await page.keyboard.press('Escape');
      const href = await page
        .locator('.pane li a[download]')
        .first()
        .getAttribute('href', { timeout: 2_000 })
        .catch(() => null);
      if (href !== null) files.push(href);
    }
    await page.locator('.pane .card-menu').first().click();
    await page.getByRole('menuitem', { name: 'Show the source' }).click();
    await page.locator('dialog:modal pre').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog:modal').waitFor({ state: 'detached' });
  }

  it('would be seen if it did anything', async () => {
    const probe = await room.enter();
    await probe.page.evaluate("X('control')");
    await probe.page.goto('http://control.out.example/').catch(() => undefined); // 204: the page stays
    await probe.close();
    assert.deepEqual([...room.scripts], ['control']);
    assert.ok(room.outside.length > 0);
    room.scripts.clear();
    room.outside.length = 0;
  });

  it('is read from the first to the last, looked at in every way, and nothing happens', async (t) => {
    const { page } = reader;
    await page.locator('[role=grid] [role=row]').first().click();
    const seen = new Set<string>();
    for (let count = 0; count < bodies.length + aroundTheBody.length; count++) {
      await page.locator('.pane article .content > *').first().waitFor();
      const subject = await page.locator('.pane h1').innerText();
      seen.add(subject);
      await page.mouse.move(900 + (count % 50), 330);
      if (subject.startsWith('N')) await lookAround(page);
      await page.locator('.pane h1').click(); // the focus out of what was closed
      const here = page.url();
      await page.keyboard.press('j');
      if (count < bodies.length + aroundTheBody.length - 1) await page.waitForURL((url) => url.href !== here);
    }
    t.diagnostic(`${seen.size} conversations opened, ${files.length} files`);
    assert.ok(seen.size >= (bodies.length + aroundTheBody.length) * 0.9);
    assert.ok(files.length >= 6);
    assert.equal(await page.locator('img[onerror], svg[onload], details[ontoggle], script:not([src])').count(), 0);
    nothingHappened();
  });

  it('is answered, and nothing happens', async () => {
    const { page } = reader;
    for (const id of ['N21', 'N22']) {
      await page.goto(`${new URL(page.url()).origin}/mail/inbox`);
      await page
        .locator('[role=grid]')
        .getByText(new RegExp(`^${id}`))
        .first()
        .click();
      await page.locator('.pane article .content > *').first().waitFor();
      await page.keyboard.press('r');
      await page.locator('section.composer').locator('[role=textbox][aria-busy=false], textarea').first().waitFor();
      await page.waitForTimeout(300);
      assert.equal(await page.locator('img[onerror], svg[onload], p[onclick]').count(), 0);
    }
    nothingHappened();
  });

  it('is gone on with as a draft, and nothing happens', async () => {
    const { page } = reader;
    await page.goto(`${new URL(page.url()).origin}/mail/drafts`);
    await page.locator('[role=grid]').getByText(/^N02/).first().click();
    await page.locator('section.composer').locator('[role=textbox][aria-busy=false], textarea').first().waitFor();
    await page.waitForTimeout(300);
    assert.equal(await page.locator('img[onerror], svg[onload]').count(), 0);
    nothingHappened();
  });

  it('shows what was searched for as text', async () => {
    const { page } = reader;
    await page.goto(`${new URL(page.url()).origin}/mail/inbox`);
    await page.keyboard.press('/');
    await page.keyboard.type(hostileWord('N18'));
    await page.waitForTimeout(300);
    await page.keyboard.press('Enter');
    await page.waitForTimeout(500);
    assert.equal(await page.locator('img[onerror]').count(), 0);
    nothingHappened();
  });

  it('is handed over as a file and never as a page', async () => {
    const { page } = reader;
    for (const file of files) {
      const headers = (await page.evaluate(
        `fetch(${JSON.stringify(file)}, { headers: { 'X-Vaguemestre': '1' } }).then((r) => Object.fromEntries(r.headers))`,
      )) as Record<string, string>;
      assert.match(headers['content-disposition'] ?? '', /^attachment/);
      assert.match(headers['content-security-policy'] ?? '', /sandbox/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
    }
    nothingHappened();
  });

  it('broke no script of ours', () => {
    assert.deepEqual(
      reader.complaints.filter((one) => /TypeError|ReferenceError|svelte\.dev/.test(one)),
      [],
    );
  });
});
