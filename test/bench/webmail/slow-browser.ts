/** A person's browser as the budgets mean it: a processor four times slower, a line of 10 Mbit/s and 40 ms. */
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import type { Laboratory } from '../../harness/laboratory.js';
import { pageProbe } from './page-probe.js';

export const slowness = { processor: 4, megabitPerSecond: 10, latencyMs: 40 } as const;

export interface SlowBrowser {
  readonly page: Page;
  readonly cdp: CDPSession;
  readonly context: BrowserContext;
  readonly origin: string;
  /** Loads the address; resolves with first paint and first rows, ms from the start. */
  load(path: string): Promise<{ readonly paint: number; readonly rows: number }>;
  /** As if nothing had been loaded before: files and the service worker are forgotten, the sign-in stays. */
  forget(): Promise<void>;
  /** What `act` brings about, in ms of the page's clock from the event until it is there (an expression) and painted. */
  from(event: string, isThere: string, act: () => Promise<unknown>): Promise<number>;
}

/** Signed in, its list open, and slow from then on. */
export async function openSlowBrowser(
  browser: Browser,
  laboratory: Laboratory,
  person: string,
  { own = false } = {},
): Promise<SlowBrowser> {
  const origin = `http://127.0.0.1:${laboratory.service.port('http')}`;
  const context = await browser.newContext({ locale: 'fr-FR', viewport: { width: 1440, height: 900 } });
  await context.addInitScript(pageProbe);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const cdp = await context.newCDPSession(page);
  await page.goto(origin);
  await page.fill('#username', laboratory.address(person));
  await page.fill('#password', laboratory.password);
  if (own) await page.locator('input[name=own]').check();
  await page.keyboard.press('Enter');
  await page.locator('[role=row] .subject').first().waitFor();
  const octetsPerSecond = (slowness.megabitPerSecond * 1e6) / 8;
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: slowness.latencyMs,
    downloadThroughput: octetsPerSecond,
    uploadThroughput: octetsPerSecond,
  });
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: slowness.processor });

  return {
    page,
    cdp,
    context,
    origin,
    async load(path) {
      await page.goto('about:blank');
      await page.goto(origin + path, { waitUntil: 'commit' });
      await page.locator('[role=row] .subject').first().waitFor();
      await page.waitForTimeout(300);
      const [paint, rows] = await page.evaluate<[number, number]>(
        `[performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN, bench.firstRows]`,
      );
      return { paint, rows };
    },
    async forget() {
      await page.goto('about:blank');
      await cdp.send('Network.clearBrowserCache');
      await cdp.send('Storage.clearDataForOrigin', { origin, storageTypes: 'service_workers,cache_storage,indexeddb' });
    },
    async from(event, isThere, act) {
      await page.evaluate(`bench.from('${event}', () => ${isThere}); undefined`);
      await act();
      return page.evaluate<number>('bench.result');
    },
  };
}
