/**
 * Every screen within everybody's reach (WCAG 2.2 AA): at 320 pixels nothing slides sideways (1.4.10), names stay whole, with the
 * reader's own spacing too (1.4.12), targets are large enough (2.5.8), nothing lies over what is used (2.4.11), and axe finds
 * nothing in either look.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { axeFindings, eventually, rowCount } from '../harness/mail-browser.js';
import { unlessInstalled } from '../harness/programs.js';
import { openWebmail, type Webmail } from '../harness/webmail.js';

const longAddress = 'karl-theodor.von-und-zu-rindfleisch@etikettierungsueberwachungsaufgaben.uni-x.example';
const messages = [
  { from: 'Anna Weber <anna@uni-x.example>', subject: 'Temps de faisceau, semaine 50' },
  {
    from: `Donaudampfschifffahrtsgesellschaftskapitaen <${longAddress}>`,
    subject: 'Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz',
  },
  { from: '"\u05d3\u05d5\u05d3 \u05db\u05d4\u05df" <david@uni-x.example>', subject: '\u05e9\u05dc\u05d5\u05dd' },
];

interface Screen {
  readonly name: string;
  readonly path?: string;
  readonly make?: (page: Page) => Promise<void>;
}

const choose = async (page: Page, index: number): Promise<void> => {
  await page.locator(`[data-index="${index}"]`).click();
  await page.locator('article.card .second').waitFor();
};
const press = async (page: Page, ...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
const sheet = (page: Page): Promise<void> => page.locator('dialog[open]').waitFor();
const settings =
  (tab: number) =>
  async (page: Page): Promise<void> => {
    await press(page, 'g', ',');
    await page.getByRole('tab').nth(tab).click();
    await page.locator('[role=tabpanel]:not(:empty)').waitFor();
  };

const screens: readonly Screen[] = [
  { name: 'the list' },
  {
    name: 'a message and its details',
    make: async (page) => {
      await choose(page, 1);
      await page.locator('.recipients').click();
      await page.locator('article.card dl').waitFor();
    },
  },
  { name: 'a message that is gone', path: '/mail/inbox/none' },
  { name: 'an address that leads nowhere', path: '/mail/nowhere' },
  { name: 'an empty folder', path: '/mail/trash' },
  {
    name: 'a message being written',
    make: async (page) => {
      await press(page, 'c');
      await page.locator('section.composer').waitFor();
      await page.keyboard.type(`${longAddress},anna@uni-x.example,`);
      await page.locator('section.composer .chip').nth(1).waitFor();
    },
  },
  {
    name: 'the search panel',
    make: async (page) => {
      await press(page, '/');
      await page.keyboard.type('from:anna has:file ');
      await page.locator('search .panel').waitFor();
    },
  },
  { name: 'results', path: '/mail/search?q=from%3Aanna%20is%3Aunread' },
  { name: 'the help of the search', make: async (page) => runFromPalette(page, 'operators') },
  { name: 'the commands', make: async (page) => press(page, 'Control+k').then(() => sheet(page)) },
  { name: 'the shortcuts', make: async (page) => press(page, '?').then(() => sheet(page)) },
  {
    name: 'where to move',
    make: async (page) => {
      await page.locator('[data-index="0"] button.face').click({ force: true });
      await press(page, 'v');
      await sheet(page);
    },
  },
  { name: 'the signature', make: settings(0) },
  { name: 'sessions, password and code', make: settings(1) },
  { name: 'programs', make: settings(2) },
  { name: 'the looks', make: settings(3) },
];

async function runFromPalette(page: Page, words: string): Promise<void> {
  await press(page, 'Control+k');
  await sheet(page);
  await page.keyboard.type(words);
  await press(page, 'Enter');
  await page.getByRole('heading', { level: 3 }).first().waitFor();
}

/** What is wider than its place: the page, an open sheet, the pane of a message. */
const sliding = `[document.documentElement, ...document.querySelectorAll('dialog[open], .scroll, section.composer, .places')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
  .map((one) => (one.className || one.tagName) + ' ' + one.scrollWidth + ' in ' + one.clientWidth)`;

/** Names that are cut, by an ellipsis or at the second line. */
const cut = (selector: string): string => `[...document.querySelectorAll('${selector}')]
  .filter((one) => one.clientWidth > 0 && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1))
  .map((one) => one.textContent.trim())`;

/** Controls that are smaller than this, or what of them can be hit; a box with its label is one. */
const smallerThan = (
  least: number,
): string => `[...document.querySelectorAll('button, a[href], input:not([type=hidden]), select, [role=tab]')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !one.matches('.visually-hidden, .skip'))
  .map((one) => [one, (one.closest('label') ?? one).getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 1 && height > 1 && (height < ${least} || width < 24))
  .filter(([one, { x, y, width, height }]) => {
    const hit = (by) => one.contains(document.elementFromPoint(x + width / 2, y + height / 2 + by));
    // What lies under a sheet is out of reach, not small.
    return hit(0) && (!hit(${least} / 2 - 1.5) || !hit(1.5 - ${least} / 2));
  })
  .map(([one, { width, height }]) => (one.getAttribute('aria-label') || one.textContent.trim() || one.outerHTML.slice(0, 80)) + ' ' + Math.round(width) + 'x' + Math.round(height))`;

const wholeBar = `(() => {
  const bar = document.querySelector('.pane [role=toolbar]');
  const { right } = bar.getBoundingClientRect();
  return [...bar.children].every((one) => one.getBoundingClientRect().right <= right);
})()`;

/** WCAG 2.2, 1.4.12: what a reader may set without losing anything. */
const spacing = `(() => {
  const own = new CSSStyleSheet();
  own.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, own];
})()`;

describe('reach', { skip: unlessInstalled('chromium') }, () => {
  let webmail: Webmail;

  before(async () => {
    webmail = await openWebmail(['claire']);
    const lmtp = await webmail.laboratory.lmtp();
    await lmtp.lhlo();
    const to = webmail.laboratory.address('claire');
    for (const [index, { from, subject }] of messages.entries()) {
      const text = [
        `From: ${from}`,
        `To: ${to}, ${longAddress}`,
        `Subject: ${subject}`,
        `Message-ID: <reach${index}@uni-x.example>`,
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
        '',
        `Bonjour, ${'mot '.repeat(60)}`,
        '',
      ];
      await lmtp.deliver({ from: 'anna@uni-x.example', to: [to], message: Buffer.from(text.join('\r\n')) });
    }
    await lmtp.quit();
  });
  after(() => webmail?.close());

  async function open(options: BrowserContextOptions): Promise<Page> {
    const page = await webmail.open('claire', options);
    page.setDefaultTimeout(15_000);
    await eventually(async () => (await rowCount(page)) >= messages.length, 'the mail', 15_000);
    return page;
  }

  async function show(page: Page, screen: Screen): Promise<void> {
    await page.goto(webmail.origin + (screen.path ?? '/mail/inbox'));
    await page.locator('[role=grid], .gone, h1').first().waitFor();
    if (screen.path === undefined)
      await eventually(async () => (await rowCount(page)) >= messages.length, 'the mail', 15_000);
    await screen.make?.(page);
  }

  it("slides sideways nowhere at 320 pixels, with the reader's spacing too", async () => {
    // In French, whose words are the longer ones.
    const page = await open({ locale: 'fr-FR', viewport: { width: 320, height: 568 } });
    for (const screen of screens) {
      await show(page, screen);
      assert.deepEqual(await page.evaluate(sliding), [], screen.name);
      await page.evaluate(spacing);
      assert.deepEqual(await page.evaluate(sliding), [], `${screen.name}, spaced`);
    }
    await page.context().close();
  });

  it('has nothing that axe finds on any screen, light and dark, and no target under 24 pixels', async () => {
    const page = await open({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    for (const screen of screens) {
      await show(page, screen);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await axeFindings(page), [], `${screen.name}, ${colorScheme}`);
      }
      assert.deepEqual(await page.evaluate(smallerThan(24)), [], screen.name);
    }
    await page.context().close();
  });

  it('has targets of 44 pixels under fingers', async () => {
    const page = await open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const small = new Set<string>();
    for (const screen of screens) {
      await show(page, screen);
      for (const one of await page.evaluate<string[]>(smallerThan(44))) small.add(one);
    }
    assert.deepEqual([...small], []);
    await page.context().close();
  });

  for (const locale of ['fr-FR', 'en-GB']) {
    it(`cuts no name of a place, no heading and no button over a message, in ${locale}`, async () => {
      const page = await open({ locale });
      for (const width of [1280, 1024, 390]) {
        await page.setViewportSize({ width, height: 800 });
        await show(page, { name: 'the list' });
        if (width === 1024) await page.locator('nav.side').hover();
        if (width === 390) await page.locator('header button').first().click();
        await page.locator('nav.side .name').first().waitFor();
        // The side bar of icons opens over some time.
        await eventually(
          async () => (await page.evaluate<string[]>(cut('nav.side .name'))).length === 0,
          `names at ${width}`,
        );
        assert.deepEqual(await page.evaluate(cut('.head h1')), [], `the heading at ${width}`);
        await page.evaluate(spacing);
        assert.deepEqual(await page.evaluate(cut('nav.side li:not(.current) .name')), [], `spaced, at ${width}`);
      }
      await page.setViewportSize({ width: 1440, height: 800 });
      await show(page, { name: 'the list' });
      await choose(page, 1);
      for (const width of [768, 900, 960, 1024, 1080, 1180, 1280, 1440, 1760]) {
        await page.setViewportSize({ width, height: 800 });
        await eventually(() => page.evaluate<boolean>(wholeBar), `all of the bar at ${width}`);
      }
      await page.context().close();
    });
  }

  it('breaks an address at its @ where a line is too short, and holds names that are written the other way apart', async () => {
    const page = await open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await choose(page, 2);
    // The sender of whole words: no line begins inside them.
    const lines = await page.evaluate<string[]>(`(() => {
      const range = document.createRange();
      const lines = [];
      let top;
      const walk = document.createTreeWalker(document.querySelector('article.card .address'), NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        for (let at = 0; at < node.length; at++) {
          range.setStart(node, at);
          range.setEnd(node, at + 1);
          const box = range.getBoundingClientRect();
          if (top === undefined || box.top > top + 4) lines.push('');
          top = box.top;
          lines[lines.length - 1] += node.data[at];
        }
      }
      return lines;
    })()`);
    assert.ok(
      lines.every((line, index) => index === 0 || line.startsWith('@')),
      lines.join(' | '),
    );
    assert.equal(await page.locator('article.card h2 bdi').count(), 1);
    await page.context().close();
  });

  it('keeps the notices off the button that sends', async () => {
    for (const viewport of [
      { width: 320, height: 568 },
      { width: 390, height: 844 },
      { width: 900, height: 700 },
      { width: 1440, height: 900 },
    ]) {
      const page = await open({ viewport });
      await page.locator('[data-index="0"] button.face').click({ force: true });
      await press(page, 'e', 'c');
      await page.locator('section.composer').waitFor();
      const toast = page.locator('.toast').first();
      await toast.waitFor();
      const [over, button] = [
        await toast.boundingBox(),
        await page.locator('section.composer .main-button').boundingBox(),
      ];
      assert.ok(over && button);
      const apart =
        over.y + over.height <= button.y || over.x + over.width <= button.x || over.x >= button.x + button.width;
      assert.ok(apart, `${viewport.width}: ${JSON.stringify({ over, button })}`);
      await toast.getByRole('button', { name: 'Undo' }).click();
      await eventually(async () => (await rowCount(page)) >= messages.length, 'the message back', 15_000);
      await page.context().close();
    }
  });

  it('shows what is chosen and what is told in the colours of the system', async () => {
    const page = await open({ forcedColors: 'active', viewport: { width: 1280, height: 800 } });
    const edge = (selector: string, side: 'outline' | 'border-bottom'): Promise<string> =>
      page.evaluate<string>(`(() => {
        const style = getComputedStyle(document.querySelector('${selector}'));
        return style.getPropertyValue('${side}-style') + ' ' + style.getPropertyValue('${side}-width');
      })()`);
    await choose(page, 0);
    for (const selector of ['nav.side .current > a', '.filters [aria-pressed=true]', '.body.open']) {
      assert.match(await edge(selector, 'outline'), /^solid [1-9]/, selector);
    }
    await page.locator('[data-index="1"] button.face').click({ force: true });
    await press(page, 'e');
    await page.locator('.toast').first().waitFor();
    assert.match(await edge('.toast', 'border-bottom'), /^solid [1-9]/);
    await page.locator('.toast').first().getByRole('button', { name: 'Undo' }).click();
    await page.context().close();
  });

  it('lets a finger close the settings', async () => {
    const page = await open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await settings(3)(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.context().close();
  });
});
