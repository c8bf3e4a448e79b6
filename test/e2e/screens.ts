/**
 * Pictures of the page, for eyes: `node test/dist/e2e/screens.js FOLDER` starts a demonstration service and takes each screen in
 * light and dark, French and English, wide, on a tablet and on a telephone. Not a test: what is wrong in them a person sees.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser } from '../harness/browser.js';
import { startService } from '../harness/running-service.js';

interface Screen {
  readonly name: string;
  readonly path: string;
  readonly make?: (page: Page, phone: boolean) => Promise<void>;
}

const rest = (page: Page, ms = 500): Promise<void> => page.waitForTimeout(ms);
const row = (page: Page, index: number) => page.locator(`[data-index="${index}"]`);

async function openRow(page: Page, index: number): Promise<void> {
  await row(page, index).click();
  await rest(page, 900);
}

const screens: readonly Screen[] = [
  { name: 'list', path: '/mail/inbox' },
  { name: 'message', path: '/mail/inbox', make: (page) => openRow(page, 3) },
  {
    name: 'chosen',
    path: '/mail/inbox',
    make: async (page, phone) => {
      for (const index of [1, 2, 4]) await row(page, index).locator('button.face').click({ force: true });
      if (!phone) await row(page, 6).hover();
      await rest(page, 250);
    },
  },
  {
    name: 'undo',
    path: '/mail/inbox',
    make: async (page) => {
      await row(page, 1).locator('button.face').click({ force: true });
      await page.keyboard.press('e');
      await rest(page);
    },
  },
  {
    name: 'search',
    path: '/mail/inbox',
    make: async (page) => {
      await page.locator('search input').click();
      await page.keyboard.type('from:sophie se');
      await rest(page);
    },
  },
  { name: 'found', path: '/mail/search?q=from%3Asophie%20is%3Aread' },
  {
    name: 'palette',
    path: '/mail/inbox',
    make: async (page) => {
      await page.keyboard.press('Control+k');
      await rest(page, 250);
    },
  },
  {
    name: 'keys',
    path: '/mail/inbox',
    make: async (page) => {
      await page.keyboard.press('?');
      await rest(page, 250);
    },
  },
  {
    name: 'move',
    path: '/mail/inbox',
    make: async (page) => {
      await row(page, 0).locator('button.face').click({ force: true });
      await page.keyboard.press('v');
      await rest(page, 250);
    },
  },
  { name: 'empty', path: '/mail/trash' },
  {
    name: 'writing',
    path: '/mail/inbox',
    make: async (page) => {
      await page.keyboard.press('c');
      await rest(page, 900);
    },
  },
  { name: 'folder', path: '/mail/sent' },
];

const looks = [
  { name: 'wide-light-fr', phone: false, options: { locale: 'fr-FR', viewport: { width: 1440, height: 900 } } },
  {
    name: 'wide-dark-en',
    phone: false,
    options: { locale: 'en-GB', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  },
  { name: 'tablet-light-en', phone: false, options: { locale: 'en-GB', viewport: { width: 900, height: 700 } } },
  {
    name: 'phone-dark-fr',
    phone: true,
    options: {
      locale: 'fr-FR',
      colorScheme: 'dark',
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    },
  },
  {
    name: 'phone-light-en',
    phone: true,
    options: { locale: 'en-GB', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  },
] as const;

const folder = process.argv[2];
const only = process.argv[3]?.split(',');
if (folder === undefined) throw new Error('say where the pictures go');
mkdirSync(folder, { recursive: true });
const service = await startService({ args: ['--demo'], environment: { VAGUEMESTRE_WORKERS: '1' } });
const browser = await openBrowser();
try {
  const { password } = JSON.parse(readFileSync(join(service.folder, 'demo.json'), 'utf8')) as { password: string };
  const origin = `http://127.0.0.1:${service.port('http')}`;
  for (const look of looks) {
    if (only !== undefined && !only.some((part) => look.name.includes(part))) continue;
    const context = await browser.newContext(look.options);
    const page = await context.newPage();
    await page.goto(origin);
    await page.screenshot({ path: join(folder, `${look.name}-sign-in.png`) });
    await page.fill('#username', 'claire.moreau@labo.example');
    await page.fill('#password', password);
    await page.keyboard.press('Enter');
    await page.locator('[role=grid]').waitFor();
    for (const screen of screens) {
      try {
        await page.goto(origin + screen.path);
        await rest(page, 700);
        await screen.make?.(page, look.phone);
        await page.screenshot({ path: join(folder, `${look.name}-${screen.name}.png`) });
      } catch (error) {
        console.error(`${look.name} ${screen.name}: ${(error as Error).message.split('\n')[0]}`);
      }
    }
    await context.close();
  }
} finally {
  await browser.close();
  await service.stop();
}
