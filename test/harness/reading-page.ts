/** A browser signed in to a running laboratory, as a reader has it; names outside lead to a port where nobody listens. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { outsideDomain } from '../fixtures/hostile/vector.js';
import { quiet } from './browser.js';
import { type Laboratory, openLaboratory } from './laboratory.js';
import { program } from './programs.js';

export interface Reader {
  readonly page: Page;
  /** Complaints of the browser: what broke the page's policy, scripts that failed. */
  readonly complaints: string[];
  /** Opens the conversation of that subject from the list. */
  read(subject: string): Promise<void>;
  close(): Promise<void>;
}

export interface ReadingRoom {
  readonly lab: Laboratory;
  /** Requests that arrived at names outside. */
  readonly outside: string[];
  /** Ids that a script of a message called `X` with. */
  readonly scripts: Set<string>;
  deliver(messages: readonly string[]): Promise<void>;
  enter(options?: BrowserContextOptions): Promise<Reader>;
  close(): Promise<void>;
}

const person = 'claire.vasseur';

export async function openReadingRoom(): Promise<ReadingRoom> {
  const outside: string[] = [];
  const scripts = new Set<string>();
  const logger: Server = createServer((request, response) => {
    outside.push(`${request.headers.host}${request.url}`);
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => logger.listen(0, '127.0.0.1', resolve));
  const { port } = logger.address() as AddressInfo;
  const rules = `--host-resolver-rules=MAP *.${outsideDomain} 127.0.0.1:${port}`;
  const [lab, browser]: [Laboratory, Browser] = await Promise.all([
    openLaboratory([person, 'hugo.lemarchand']),
    chromium.launch({ executablePath: program('chromium'), args: [...quiet, rules] }),
  ]);

  return {
    lab,
    outside,
    scripts,
    async deliver(messages) {
      const lmtp = await lab.lmtp();
      await lmtp.lhlo();
      for (const message of messages) {
        const [reply] = await lmtp.deliver({ to: [lab.address(person)], message: Buffer.from(message) });
        if (reply?.code !== 250) throw new Error(`not delivered: ${reply?.lines.join(' ')}`);
      }
      await lmtp.quit();
    },
    async enter(options = {}) {
      const context = await browser.newContext({
        locale: 'en-GB',
        viewport: { width: 1440, height: 900 },
        acceptDownloads: true,
        ...options,
      });
      await context.exposeBinding('X', (_source, id: string) => void scripts.add(id));
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(`http://127.0.0.1:${lab.service.port('http')}/`);
      await page.fill('#username', lab.address(person));
      await page.fill('#password', lab.password);
      await page.keyboard.press('Enter');
      await page.locator('[role=grid] [role=row]').first().waitFor();
      return {
        page,
        complaints,
        async read(subject) {
          await page.locator('[role=grid] [role=row]').filter({ hasText: subject }).first().click();
          await page.locator('.pane h1').filter({ hasText: subject }).waitFor();
          await page.locator('.pane article .content > *').first().waitFor();
        },
        close: () => context.close(),
      };
    },
    async close() {
      await browser.close();
      logger.closeAllConnections();
      await new Promise<void>((resolve) => logger.close(() => resolve()));
      await lab.stop();
    },
  };
}
