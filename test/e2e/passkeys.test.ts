/** Passkeys in a real browser with an authenticator of its own: made in the settings, then alone and after the password. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { composer, saved, write } from '../harness/composing.js';
import { unlessInstalled } from '../harness/programs.js';
import { openWebmail, type Webmail } from '../harness/webmail.js';

describe('passkeys in the browser', { skip: unlessInstalled('chromium') }, () => {
  let webmail: Webmail;
  let origin: string;
  before(async () => {
    webmail = await openWebmail(['anne']);
    // An address is no name for passkeys.
    origin = webmail.origin.replace('127.0.0.1', 'localhost');
  });
  after(() => webmail.close());

  /** A page whose browser has a device that recognises its owner. */
  async function withDevice(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
      },
    });
    page.on('pageerror', (error) => assert.fail(error));
    return page;
  }

  async function password(page: Page): Promise<void> {
    await page.fill('input[name=username]', 'anne');
    await page.fill('input[name=password]', webmail.laboratory.password);
    await page.keyboard.press('Enter');
  }

  async function signOut(page: Page): Promise<void> {
    await page.context().clearCookies();
    await page.goto(origin);
  }

  it('made, used alone, used after the password, removed', async () => {
    const context = await webmail.browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
    const page = await withDevice(context);
    await page.goto(origin);
    await password(page);
    await page.locator('nav.side').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press(',');
    await page.getByRole('tab', { name: 'Security' }).click();
    const panel = page.getByRole('region', { name: 'Passkeys' });
    await panel.getByRole('button', { name: 'Add a passkey' }).click();
    await panel.getByLabel('Name of the passkey').fill('This laptop');
    await panel.getByLabel('Current password').fill('wrong wrong');
    await panel.getByRole('button', { name: 'Continue' }).click();
    await panel.getByRole('alert').filter({ hasText: 'does not match' }).waitFor();
    await panel.getByLabel('Current password').fill(webmail.laboratory.password);
    await panel.getByRole('button', { name: 'Continue' }).click();
    await panel.getByRole('list', { name: 'Recovery codes' }).waitFor();
    await panel.getByRole('button', { name: 'I have kept them' }).click();
    await panel.getByText('10 recovery codes left').waitFor();

    await signOut(page);
    await page.getByRole('link', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('heading', { name: 'Your passkey' }).waitFor();
    await page.getByLabel('This is my own computer').check();
    await page.getByRole('button', { name: 'Use my passkey' }).click();
    await page.locator('nav.side').waitFor();

    await signOut(page);
    await password(page);
    // It asks for the passkey by itself.
    await page.locator('nav.side').waitFor();

    // The session ends while something is written.
    await write(page, 'anne@labo.example', 'Interrupted', 'Before');
    await saved(page).waitFor();
    await context.clearCookies();
    await page.keyboard.type(' and after');
    await composer(page).getByText('Your session has ended').waitFor();
    await composer(page).getByLabel('Password').fill(webmail.laboratory.password);
    await composer(page).getByRole('button', { name: 'Go on' }).click();
    await composer(page).getByText('Your session has ended').waitFor({ state: 'detached' });
    await saved(page).waitFor();
    await composer(page).getByRole('button', { name: 'Throw this draft away' }).click();
    await composer(page).waitFor({ state: 'detached' });

    await page.keyboard.press('g');
    await page.keyboard.press(',');
    await page.getByRole('tab', { name: 'Security' }).click();
    await panel.getByText('used').waitFor();
    await panel.getByRole('button', { name: 'Remove the passkey: This laptop' }).click();
    await panel.getByLabel('Current password').fill(webmail.laboratory.password);
    await panel.getByRole('button', { name: 'Remove', exact: true }).last().click();
    await panel.getByText('opens nothing any more').waitFor();

    await signOut(page);
    await page.getByRole('link', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('button', { name: 'Use my passkey' }).click();
    await page.getByRole('alert').filter({ hasText: 'opens nothing here' }).waitFor();
    await page.getByRole('link', { name: 'Sign in with my password' }).click();
    await password(page);
    await page.locator('nav.side').waitFor();
    await context.close();
  });
});
