/**
 * Pictures of the page, for eyes: `node test/dist/e2e/screens.js FOLDER [LOOKS [SCREENS]]` starts a demonstration service and takes each screen in
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

/** Opens the settings at one of their tabs. */
const settings =
  (section: number): NonNullable<Screen['make']> =>
  async (page) => {
    await page.keyboard.press('g');
    await page.keyboard.press(',');
    await page.locator('dialog [role=tab]').nth(section).click();
    await rest(page);
  };

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
  {
    name: 'details',
    path: '/mail/inbox',
    make: async (page) => {
      await openRow(page, 7);
      await page.locator('.recipients').last().click();
      await rest(page);
    },
  },
  {
    name: 'answer',
    path: '/mail/inbox',
    make: async (page) => {
      await openRow(page, 5);
      await page.keyboard.press('a');
      await rest(page, 900);
    },
  },
  {
    name: 'written',
    path: '/mail/inbox',
    make: async (page) => {
      await row(page, 1).locator('button.face').click({ force: true });
      await page.keyboard.press('e');
      await page.keyboard.press('c');
      await rest(page, 900);
      await page.keyboard.type(
        'sophie.nguyen@labo.example, prof.dr.karl-theodor@rindfleischetikettierung.donaudampfschiff.example,',
      );
      await page.keyboard.press('Tab');
      await page.locator('section.composer input[type=file]').setInputFiles([
        {
          name: 'Rapport de mission sur la turbulence côtière, version définitive.pdf',
          mimeType: 'application/pdf',
          buffer: Buffer.alloc(90_000),
        },
        { name: 'mesures.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b') },
      ]);
      await rest(page, 900);
    },
  },
  {
    name: 'sort-menu',
    path: '/mail/inbox',
    make: async (page) => {
      await page.locator('.head button[aria-haspopup=menu]').click();
      await rest(page, 250);
    },
  },
  {
    name: 'row-menu',
    path: '/mail/inbox',
    make: async (page, phone) => {
      if (phone) {
        await page.locator('.places, .open-side, header button').first().click();
        await rest(page, 400);
      } else await row(page, 2).click({ button: 'right' });
      await rest(page, 250);
    },
  },
  { name: 'settings-signature', path: '/mail/inbox', make: settings(0) },
  { name: 'settings-security', path: '/mail/inbox', make: settings(1) },
  { name: 'settings-programs', path: '/mail/inbox', make: settings(2) },
  { name: 'settings-look', path: '/mail/inbox', make: settings(3) },
  { name: 'search-help', path: '/mail/search?q=xyzzy', make: (page) => rest(page) },
  { name: 'set-up', path: '/setup' },
  { name: 'nowhere', path: '/mail/box/does-not-exist' },
  {
    name: 'new-folder',
    path: '/mail/inbox',
    make: async (page, phone) => {
      if (phone) await page.locator('header button').first().click();
      await rest(page, 400);
      await page.locator('.places .add').last().click({ force: true });
      await rest(page, 400);
    },
  },
  {
    name: 'new-label',
    path: '/mail/inbox',
    make: async (page, phone) => {
      if (phone) await page.locator('header button').first().click();
      await rest(page, 400);
      await page.locator('.places .add').first().click({ force: true });
      await rest(page, 400);
    },
  },
  {
    name: 'offline',
    path: '/mail/inbox',
    make: async (page) => {
      await page.context().setOffline(true);
      await rest(page, 1200);
    },
  },
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
  { name: 'small-light-fr', phone: true, options: { locale: 'fr-FR', viewport: { width: 320, height: 568 } } },
  { name: 'desk-light-fr', phone: false, options: { locale: 'fr-FR', viewport: { width: 1024, height: 768 } } },
  { name: 'huge-light-fr', phone: false, options: { locale: 'fr-FR', viewport: { width: 1760, height: 900 } } },
  {
    name: 'forced-dark-fr',
    phone: false,
    options: { locale: 'fr-FR', colorScheme: 'dark', forcedColors: 'active', viewport: { width: 1280, height: 800 } },
  },
] as const;

const folder = process.argv[2];
const only = process.argv[3]?.split(',');
const onlyScreens = process.argv[4]?.split(',');
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
      if (onlyScreens !== undefined && !onlyScreens.includes(screen.name)) continue;
      try {
        await context.setOffline(false);
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
