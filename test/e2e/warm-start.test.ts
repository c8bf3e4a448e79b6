/**
 * What the webmail keeps in the browser of an own computer: the next start shows it before anybody has answered, also when nobody
 * does; on the disk it cannot be read; after signing out, or when the session has ended, it is gone.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { quiet } from '../harness/browser.js';
import { type Laboratory, openLaboratory } from '../harness/laboratory.js';
import { eventually, listen, rowCount, subjectsOf } from '../harness/mail-browser.js';
import { program, unlessInstalled } from '../harness/programs.js';

/** In subjects and in bodies. */
const secret = 'Zanzibar';

describe('a warm start', { skip: unlessInstalled('chromium'), timeout: 240_000 }, () => {
  let laboratory: Laboratory;
  let profile: string;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  let origin: string;

  async function deliver(person: string, count: number, name: string): Promise<void> {
    const client = await laboratory.lmtp();
    await client.lhlo();
    for (let i = 1; i <= count; i++) {
      const message = `From: Anna <anna@uni-x.example>\r\nTo: <${person}@labo.example>\r\nSubject: ${secret} ${name} ${i}\r\n\r\nThe way to ${secret}, part ${i}.\r\n`;
      const to = [laboratory.address(person)];
      const [reply] = await client.deliver({ from: 'anna@uni-x.example', to, message: Buffer.from(message) });
      assert.equal(reply?.code, 250);
    }
    await client.quit();
  }

  async function signIn(person: string, own: boolean): Promise<void> {
    await page.goto(`${origin}/`);
    await page.fill('#username', laboratory.address(person));
    await page.fill('#password', laboratory.password);
    if (own) await page.locator('input[name=own]').check();
    await page.keyboard.press('Enter');
    await page.locator('[role=row] .subject').first().waitFor();
  }

  /** All that the page could find in its databases and caches, as text. */
  const kept = (): Promise<string> =>
    page.evaluate<string>(`(async () => {
      let text = '';
      const add = (value) => {
        if (value instanceof ArrayBuffer) text += new TextDecoder('latin1').decode(value);
        else if (ArrayBuffer.isView(value)) add(value.buffer);
        else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) add(one);
        else text += ' ' + value;
      };
      for (const { name } of await indexedDB.databases()) {
        const db = await new Promise((resolve, reject) => {
          const asked = indexedDB.open(name);
          asked.onsuccess = () => resolve(asked.result);
          asked.onerror = () => reject(asked.error);
        });
        for (const store of db.objectStoreNames) {
          const all = db.transaction(store).objectStore(store).getAll();
          await new Promise((resolve) => { all.onsuccess = resolve; });
          text += ' ' + store + ':' + all.result.length;
          add(all.result);
        }
        db.close();
      }
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) text += ' ' + request.url + ' ' + (await (await cache.match(request)).text());
      }
      return text + JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage });
    })()`);

  const opened = (): Promise<void> =>
    page
      .locator('.pane article', { hasText: `The way to ${secret}` })
      .first()
      .waitFor();

  /** Files of the browser's profile in which the word stands, in either width. */
  function filesWith(word: string): string[] {
    return readdirSync(profile, { recursive: true, encoding: 'utf8' }).filter((name) => {
      const file = join(profile, name);
      try {
        // The browser's own history has the titles of pages, on an own computer with the subject of the open message.
        if (!statSync(file).isFile() || (word === secret && /^Default\/(History|Sessions)/.test(name))) return false;
        const octets = readFileSync(file);
        return octets.includes(word) || octets.includes(Buffer.from(word, 'utf16le'));
      } catch {
        return false; // gone meanwhile
      }
    });
  }

  const whenKept = (what: RegExp): Promise<void> => eventually(async () => what.test(await kept()), String(what));

  before(async () => {
    laboratory = await openLaboratory(['claire', 'paul']);
    origin = `http://127.0.0.1:${laboratory.service.port('http')}`;
    await Promise.all([deliver('claire', 12, 'claire'), deliver('paul', 2, 'paul')]);
    profile = mkdtempSync(join(tmpdir(), 'vm-profile-'));
    context = await chromium.launchPersistentContext(profile, {
      executablePath: program('chromium'),
      args: quiet,
      locale: 'en-GB',
      viewport: { width: 1440, height: 900 },
    });
    page = context.pages()[0] ?? (await context.newPage());
    complaints = listen(page);
    await signIn('claire', true);
  });
  after(async () => {
    await context?.close();
    await laboratory?.stop();
    if (profile !== undefined) rmSync(profile, { recursive: true, force: true });
  });

  it('keeps lists and read messages sealed: nothing on the disk can be read', async () => {
    await page.locator('[data-index="3"]').click();
    await opened();
    await whenKept(/ mail:[2-9].* messages:[1-9]/s);
    await eventually(
      async () => page.evaluate<boolean>('navigator.serviceWorker?.controller !== null'),
      'the service worker',
      15_000,
    );
    const text = await kept();
    assert.ok(!text.includes(secret), 'in the clear');
    assert.ok(text.includes('/shell'), 'the page itself is kept');
    assert.deepEqual(filesWith(secret), []);
  });

  it('shows rows before the service has answered, and then what came meanwhile', async () => {
    await page.goto('about:blank');
    await deliver('claire', 1, 'later');
    let goOn = (): void => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await context.route(/\/(jmap|api)\//, async (route) => {
      await held;
      await route.continue().catch(() => undefined);
    });
    await page.goto(`${origin}/mail/inbox`);
    await page.locator('[role=row] .subject').first().waitFor();
    assert.equal(await rowCount(page), 12);
    assert.equal((await subjectsOf(page))[0], `${secret} claire 12`);
    goOn();
    await eventually(async () => (await subjectsOf(page))[0] === `${secret} later 1`, 'the new one');
    await context.unroute(/\/(jmap|api)\//);
  });

  it('is gone for who opens the webmail after the session was ended elsewhere', async () => {
    await whenKept(/ mail:[2-9]/);
    const [cookie] = (await context.cookies()).filter(({ name }) => name === 'vaguemestre');
    assert.ok(cookie);
    await page.goto('about:blank');
    await context.addCookies([{ ...cookie, value: 'A'.repeat(43) }]);
    await page.goto(`${origin}/mail/inbox`);
    await page.locator('#password').waitFor();
    assert.match(await page.evaluate<string>('location.search'), /to=%2Fmail%2Finbox/);
    assert.match(await kept(), / mail:0.* messages:0/s);
  });

  it('shows nothing of one reader to the next in the same browser', async () => {
    await signIn('claire', true);
    await whenKept(/ mail:[2-9]/);
    await context.clearCookies({ name: 'vaguemestre' });
    await page.goto(`${origin}/?to=/mail/inbox`);
    await page.fill('#username', laboratory.address('paul'));
    await page.fill('#password', laboratory.password);
    await page.locator('input[name=own]').check();
    const seen: string[] = [];
    await page.exposeFunction('saw', (text: string) => seen.push(text));
    await page.addInitScript(`addEventListener('DOMContentLoaded', () => {
      new MutationObserver(() => saw(document.body.innerText)).observe(document.documentElement, { childList: true, subtree: true, characterData: true });
    })`);
    await page.keyboard.press('Enter');
    await page.locator('[role=row]', { hasText: `${secret} paul 2` }).waitFor();
    assert.ok(seen.length > 0);
    assert.ok(!seen.some((text) => text.includes('claire 12')), 'the mail of another reader was shown');
  });

  it('leaves nothing after signing out', async () => {
    await whenKept(/ mail:[2-9]/);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('sign out');
    await page.keyboard.press('Enter');
    await page.locator('#password').waitFor();
    assert.equal(await page.evaluate<number>('(async () => (await indexedDB.databases()).length)()'), 0);
    assert.equal(await page.evaluate<number>('(async () => (await caches.keys()).length)()'), 0);
    assert.deepEqual(
      (await context.cookies()).map(({ name }) => name),
      [],
    );
    assert.deepEqual(filesWith(secret), []);
  });

  it('keeps nothing at all on a computer that is not one’s own', async () => {
    const other = 'Mombasa';
    await deliver('claire', 1, other);
    await signIn('claire', false);
    await page.locator('[data-index="0"]').click();
    await opened();
    await page.waitForTimeout(4_500);
    assert.equal(await page.evaluate<number>('(async () => (await indexedDB.databases()).length)()'), 0);
    assert.deepEqual(filesWith(other), []);
  });

  it('shows list and read messages when the service is away, and says so', async () => {
    await page.keyboard.press('Escape');
    await context.clearCookies();
    await signIn('claire', true);
    await page.locator('[data-index="2"]').click();
    await opened();
    await page.waitForTimeout(1_000);
    await whenKept(/ mail:[2-9].* messages:[1-9]/s);
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    await eventually(async () => (await kept()).includes('/shell'), 'the page itself');
    complaints.length = 0;
    await laboratory.service.stop();
    await page.goto(`${origin}/mail/inbox`);
    await page.locator('[role=row] .subject').first().waitFor();
    assert.equal(await rowCount(page), 14);
    await page.getByText('No network', { exact: false }).first().waitFor();
    await page.locator('[data-index="2"]').click();
    await opened();
  });
});
