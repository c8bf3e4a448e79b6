/** What waits to be sent, in the page over the real service: at another time, now, or not at all. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { connectTlsLines } from '../harness/line-client.js';
import { unlessInstalled } from '../harness/programs.js';
import { openWebmail, type Webmail } from '../harness/webmail.js';

describe('what waits to be sent', { skip: unlessInstalled('chromium') }, () => {
  let webmail: Webmail;
  let page: Page;
  before(async () => {
    webmail = await openWebmail(['anne', 'paul']);
    page = await webmail.open('anne');
  });
  after(() => webmail?.close());

  const inThreeDays = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  const composer = (): Locator => page.locator('section.composer');
  const list = (): Locator => page.locator('#list');

  async function schedule(subject: string): Promise<void> {
    await page.keyboard.press('c');
    await composer().getByLabel('To', { exact: true }).fill('paul@labo.example');
    await page.keyboard.press('Enter');
    await composer().getByLabel('Subject', { exact: true }).fill(subject);
    await composer().getByRole('button', { name: 'Later' }).click();
    await page.getByRole('button', { name: /^Tomorrow morning/ }).click();
    await composer().waitFor({ state: 'detached' });
  }

  it('stands in the side bar with when it leaves, and can be told another time', async () => {
    await schedule('For tomorrow');
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /^To be sent/ })
      .click();
    await list().getByText('For tomorrow').waitFor();
    await list()
      .getByText(/^Leaves .* at 08:00$/)
      .waitFor();
    await list().getByRole('button', { name: 'Change the time' }).click();
    await page.getByLabel('At what moment').fill(`${inThreeDays}T10:30`);
    await page.getByRole('button', { name: 'Schedule' }).click();
    await list()
      .getByText(/^Leaves .* at 10:30$/)
      .waitFor();
  });

  it('leaves now when told so, once', async () => {
    await list().getByRole('button', { name: 'Send now' }).click();
    await page.getByText('The message leaves now').waitFor();
    const paul = await webmail.open('paul');
    await paul.locator('[role=row]', { hasText: 'For tomorrow' }).waitFor();
    await paul.waitForTimeout(1_000);
    const rows = await paul.locator('[role=row]', { hasText: 'For tomorrow' }).count();
    if (rows !== 1) throw new Error(`it came ${rows} times`);
    await paul.context().close();
    await list().getByText('Nothing waits to be sent.').waitFor();
  });

  it('does not leave when it is taken back, and is a draft again', async () => {
    await schedule('Never mind');
    await list().getByText('Never mind').waitFor();
    await list().getByRole('button', { name: 'Do not send' }).click();
    await composer().waitFor();
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /^Drafts 1/ })
      .waitFor();
  });

  it('shows what a mail program handed in and cannot leave yet, and takes it back', async () => {
    const { laboratory } = webmail;
    const program = await connectTlsLines(laboratory.service.port('submissions'));
    const token = Buffer.from(`\0${laboratory.address('anne')}\0${laboratory.password}`).toString('base64');
    const letter =
      'From: anne@labo.example\r\nTo: Jean <jean@elsewhere.example>\r\nSubject: by SMTP\r\n\r\ntext\r\n.\r\n';
    assert.match(await program.line(), /^220 /);
    for (const [command, answer] of [
      [`AUTH PLAIN ${token}`, '235'],
      ['MAIL FROM:<anne@labo.example>', '250'],
      ['RCPT TO:<jean@elsewhere.example>', '250'],
      ['DATA', '354'],
      [letter, '250'],
    ] as const) {
      if (answer === '235') {
        program.send('EHLO program.example\r\n');
        while (!/^250 /.test(await program.line()));
      }
      program.send(command.endsWith('\n') ? command : `${command}\r\n`);
      const line = await program.line();
      assert.ok(line.startsWith(answer), line);
    }
    program.close();
    await page.goto(`${webmail.origin}/mail/outbox`);
    await list().getByText('Sent with a mail program').waitFor();
    await list().getByText(/jean/i).waitFor();
    await list()
      .getByText(/^Held, there is no way/)
      .waitFor();
    await list().getByRole('button', { name: 'Do not send' }).click();
    await page.getByText('The message is not sent').waitFor();
    await list().getByText('Nothing waits to be sent.').waitFor();
  });
});
