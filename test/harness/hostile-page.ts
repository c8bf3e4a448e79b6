/**
 * A browser before hostile mail: a real server on loopback that serves the page, the frame and the raw messages, and takes
 * note of every request; names outside lead to it too, so that a load is seen however it was begun. Not by intercepting
 * requests in the browser: that misses those of sandboxed frames.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageFrameHtml, messageFramePolicy } from '@vaguemestre/server/http/message-frame';
import { webmailPolicy } from '@vaguemestre/server/http/security-headers';
import { type Browser, chromium, type Page } from 'playwright-core';
import { outsideDomain, type Vector } from '../fixtures/hostile/vector.js';
import { quiet } from './browser.js';
import { program } from './programs.js';
import { bundleWebmail } from './webmail-bundle.js';

export interface Sightings {
  /** Ids of the messages whose script ran. */
  readonly scripts: Set<string>;
  /** Ids of the messages that were loaded for from outside. */
  readonly loads: Set<string>;
  /** Addresses under `/media/` that were asked for. */
  readonly media: string[];
}

export interface HostilePage {
  readonly page: Page;
  readonly seen: Sightings;
  close(): Promise<void>;
}

export interface HostileServer {
  /** Opens a fresh page: `strict` is the webmail's own policy, else there is none. */
  open(policy: 'strict' | 'none'): Promise<HostilePage>;
  close(): Promise<void>;
}

const pixel = Buffer.from('R0lGODlhAQABAAAAACw=', 'base64');

export async function startHostileServer(messages: readonly Vector[], script: string): Promise<HostileServer> {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const code = await bundleWebmail(script);
  let seen: Sightings = { scripts: new Set(), loads: new Set(), media: [] };

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const host = (request.headers.host ?? '').split(':', 1)[0]!;
    const path = request.url ?? '/';
    response.setHeader('cache-control', 'no-store');
    if (host.endsWith(`.${outsideDomain}`)) {
      seen.loads.add(host.split('.', 1)[0]!.toUpperCase());
      response.writeHead(204).end();
    } else if (path === '/frame') {
      response.setHeader('content-security-policy', messageFramePolicy);
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(messageFrameHtml);
    } else if (path === '/strict' || path === '/none') {
      if (path === '/strict') response.setHeader('content-security-policy', webmailPolicy);
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end('<!doctype html><title>hostile</title><body><script src="/script.js"></script>');
    } else if (path === '/script.js') {
      response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' }).end(code);
    } else if (path.startsWith('/raw/')) {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(byId.get(path.slice(5))?.html ?? '');
    } else if (path.startsWith('/media/')) {
      seen.media.push(path);
      response.writeHead(200, { 'content-type': 'image/gif' }).end(pixel);
    } else {
      response.writeHead(404).end();
    }
  };

  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser: Browser = await chromium.launch({
    executablePath: program('chromium'),
    args: [...quiet, `--host-resolver-rules=MAP *.${outsideDomain} 127.0.0.1:${port}`],
  });

  return {
    open: async (policy) => {
      seen = { scripts: new Set(), loads: new Set(), media: [] };
      const mine = seen;
      const context = await browser.newContext({ viewport: { width: 1_760, height: 1_100 } });
      await context.exposeBinding('X', (_source, id: string) => {
        mine.scripts.add(id);
      });
      const page = await context.newPage();
      context.on('page', (popup) => void popup.close());
      await page.goto(`http://127.0.0.1:${port}/${policy}`);
      return { page, seen: mine, close: () => context.close() };
    },
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** What a reader does: looks, moves the pointer over some of the places (which costs time), presses what can be pressed, prints. */
export async function actLikeAReader(page: Page, hovered: readonly number[]): Promise<void> {
  await page.waitForTimeout(700);
  const boxes = (await page.evaluate(frameBoxes)) as { x: number; y: number }[];
  for (const index of hovered) {
    const box = boxes[index];
    if (box) await page.mouse.move(box.x, box.y);
  }
  await page.evaluate(pressEverything);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.waitForTimeout(150);
  await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
  await page.waitForTimeout(700);
}

// These run in the browser.
const frameBoxes = `[...document.querySelectorAll('iframe, .place')].map((frame) => {
  const box = frame.getBoundingClientRect();
  return { x: box.x + 12, y: box.y + 14 };
})`;

const pressEverything = `(() => {
  const documents = [document, ...[...document.querySelectorAll('iframe')].map((frame) => frame.contentDocument)];
  for (const each of documents) {
    for (const element of each?.querySelectorAll('a, area, button, summary, x-y, p, form') ?? []) {
      try {
        if (element.localName === 'form') element.requestSubmit?.();
        else if (element.click) element.click();
        else element.dispatchEvent(new MouseEvent('click', { bubbles: true }));
      } catch {}
    }
  }
})()`;
