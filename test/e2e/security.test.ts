/** A second factor and a password for a program, from the settings to the mail program. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { ImapFlow } from 'imapflow';
import type { Page } from 'playwright-core';
import { eventually } from '../harness/mail-browser.js';
import { unlessInstalled } from '../harness/programs.js';
import { openWebmail, type Webmail } from '../harness/webmail.js';

/** RFC 6238 with its defaults. */
function codeOf(secret: string, stepsAhead = 0): string {
  let bits = '';
  for (const letter of secret) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + stepsAhead));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

describe('who may come in, in the settings', { skip: unlessInstalled('chromium') }, () => {
  let webmail: Webmail;
  before(async () => {
    webmail = await openWebmail(['anne']);
  });
  after(() => webmail.close());

  async function settings(page: Page, section: string): Promise<void> {
    await page.keyboard.press('g');
    await page.keyboard.press(',');
    await page.getByRole('tab', { name: section }).click();
  }

  async function imap(password: string): Promise<void> {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: webmail.laboratory.service.port('imaps'),
      secure: true,
      tls: { rejectUnauthorized: false },
      auth: { user: 'anne', pass: password },
      logger: false,
    });
    await client.connect();
    await client.logout();
  }

  /** Another process may know it a moment later. */
  const isRefused = (password: string): Promise<boolean> =>
    imap(password).then(
      () => false,
      () => true,
    );

  it('a code is asked for once one was proved, and programs get a password of their own', async () => {
    const { password } = webmail.laboratory;
    const page = await webmail.open('anne');
    await settings(page, 'Security');
    await page.getByRole('button', { name: 'Ask for a code', exact: true }).click();
    const panel = page.getByRole('region', { name: 'A code as well as the password' });
    await panel.getByLabel('Current password').fill(password);
    await panel.getByRole('button', { name: 'Continue' }).click();
    const picture = panel.getByRole('img', { name: 'Picture to scan with the code app' });
    const width = () => picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth);
    await eventually(async () => (await width()) > 0, 'the picture');
    const secret = (await panel.locator('.mono').innerText()).replaceAll(' ', '');
    await panel.getByLabel('Code').fill('000000');
    await panel.getByRole('button', { name: 'Check the code' }).click();
    await panel.getByRole('alert').filter({ hasText: 'does not fit' }).waitFor();
    await panel.getByLabel('Code').fill(codeOf(secret, -1));
    await panel.getByRole('button', { name: 'Check the code' }).click();
    await panel.getByRole('list', { name: 'Recovery codes' }).waitFor();
    const recovery = await panel.getByRole('listitem').allInnerTexts();
    assert.equal(recovery.length, 10);
    await panel.getByRole('button', { name: 'I have kept them' }).click();
    await panel.getByText('10 recovery codes left').waitFor();
    await eventually(() => isRefused(password), 'the password opens programs no more');

    await page.getByRole('tab', { name: 'Programs' }).click();
    await page.getByRole('row', { name: /Reading \(IMAP\) .* SSL\/TLS/ }).waitFor();
    await page.getByRole('link', { name: /Profile for iPhone/ }).waitFor();
    await page.getByLabel('Program or device').fill('Telephone');
    await page.getByLabel('Current password').fill(password);
    await page.getByRole('button', { name: 'Make it' }).click();
    const program = await page.locator('output').innerText();
    await imap(program);
    await page.getByText('IMAP, Sending · Everywhere').waitFor();
    await page.getByRole('button', { name: 'Take back the password: Telephone' }).click();
    await page.getByText('opens nothing any more').waitFor();
    await eventually(() => isRefused(program), 'the app password opens nothing');
    await page.context().close();

    const again = await (await webmail.browser.newContext({ locale: 'en-GB', javaScriptEnabled: false })).newPage();
    await again.goto(webmail.origin);
    await again.fill('input[name=username]', 'anne');
    await again.fill('input[name=password]', password);
    await again.keyboard.press('Enter');
    await again.getByRole('heading', { name: 'Your code' }).waitFor();
    await again.getByLabel('Code', { exact: true }).fill(recovery[0] ?? '');
    await again.keyboard.press('Enter');
    await again.locator('#app').waitFor({ state: 'attached' });
    await again.context().close();
  });
});
