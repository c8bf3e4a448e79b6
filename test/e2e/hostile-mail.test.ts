/**
 * Hostile messages in a browser, counted by what really happens: scripts that run and requests that arrive. The control
 * shows each message as it is and must see most of them succeed, else the others prove nothing; then each layer is tried
 * alone, and at last all of them together.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { hostileMessages } from '../harness/hostile-messages.js';
import { actLikeAReader, type HostileServer, type Sightings, startHostileServer } from '../harness/hostile-page.js';
import { unlessInstalled } from '../harness/programs.js';

/** What the page offers to the test. */
const script = `
import { cleanHtml } from '@/html/clean-html';
import { cleaningRealm, loadShell, frameSandbox } from '@/html/cleaning-realm';
import { showMessage } from '@/html/message-frame';
import { quoteHtml } from '@/html/quote-message';

const place = () => {
  const frame = document.createElement('iframe');
  frame.style.cssText = 'width:100px;height:60px;border:0;margin:1px';
  return frame;
};
const sandboxed = () => {
  const frame = place();
  frame.setAttribute('sandbox', frameSandbox);
  return frame;
};
const colours = { ground: '#fff', ink: '#000', quiet: '#444', link: '#00f', line: '#ddd', scheme: 'light', font: 'sans-serif', sizePx: 15 };
const look = { title: 'message', language: 'en', colours, dark: false, full: false };
const shown = new Map();

window.hostile = {
  // As if nothing were done: a frame that may run scripts and load, only not take the page away.
  raw: async (ids) => {
    for (const id of ids) {
      const frame = place();
      frame.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-forms allow-popups');
      frame.src = '/raw/' + id;
      document.body.append(frame);
    }
  },
  // The frame alone: the raw message is parsed inside it.
  rawInFrame: async (messages) => {
    for (let from = 0; from < messages.length; from += 10) {
      const frame = sandboxed();
      await loadShell(frame, () => document.body.append(frame));
      for (const { html } of messages.slice(from, from + 10)) {
        const box = document.createElement('div');
        frame.contentDocument.firstElementChild.lastElementChild.append(box);
        box.innerHTML = html;
      }
    }
  },
  // The cleaner alone: its nodes stand in a page that forbids nothing.
  cleanInPage: async (messages) => {
    const realm = await cleaningRealm();
    for (const { html } of messages) {
      const message = cleanHtml(realm, html);
      const box = document.createElement('div');
      box.className = 'place';
      box.style.cssText = 'display:inline-block;width:100px;height:60px;overflow:hidden';
      const style = document.createElement('style');
      style.textContent = message.css;
      box.append(style, document.adoptNode(message.body));
      document.body.append(box);
    }
  },
  all: async (messages, withLook = {}) => {
    const realm = await cleaningRealm();
    const results = await Promise.all(messages.map(async ({ id, html }) => {
      const message = cleanHtml(realm, html);
      const frame = sandboxed();
      const entry = { frame, message, height: 0, cut: false };
      shown.set(id, entry);
      const events = { onheight: (height, cut) => Object.assign(entry, { height, cut }), onlink: () => false, onhover: () => {}, onkey: () => {} };
      entry.message_ = await showMessage(frame, () => document.body.append(frame), message, { ...look, ...withLook }, events);
      return { id, remote: message.remote.length, trackers: message.trackers.length };
    }));
    return results;
  },
  showImages: () => {
    let count = 0;
    for (const { message, message_ } of shown.values()) {
      const addresses = new Map(message.remote.map(({ element }) => [element, '/media/' + count++]));
      message_.showImages(addresses);
    }
    return count;
  },
  look: (id) => {
    const { frame, height, cut } = shown.get(id);
    const body = frame.contentDocument.body.firstElementChild;
    const view = frame.contentWindow;
    const all = [body, ...body.querySelectorAll('*')];
    return {
      height, cut, text: body.innerText,
      positions: [...new Set(all.map((each) => view.getComputedStyle(each).position))],
      controls: body.querySelectorAll('form, input, button, textarea, select').length,
      largestFont: Math.max(...all.map((each) => Number.parseFloat(view.getComputedStyle(each).fontSize))),
      bodyShown: view.getComputedStyle(body).display !== 'none',
      bidi: [...new Set(all.map((each) => view.getComputedStyle(each).unicodeBidi))],
    };
  },
  quote: async (html) => (await quoteHtml(html, 500)).body.outerHTML,
};
`;

describe('hostile mail', { skip: unlessInstalled('chromium') }, () => {
  let server: HostileServer;
  const active = hostileMessages.filter(({ kind }) => kind !== 'visual');
  const scripted = active.filter(({ kind }) => kind !== 'load');
  const loading = active.filter(({ kind }) => kind === 'load');

  const hovered = active.flatMap(({ html }, index) => (/hover|pointer|mouse/.test(html) ? [index] : []));

  before(async () => {
    server = await startHostileServer(hostileMessages, script);
  });
  after(() => server.close());

  /** Calls one of the page's functions. */
  function call<T>(page: Page, name: string, ...args: readonly unknown[]): Promise<T> {
    return page.evaluate(`hostile.${name}(...${JSON.stringify(args)})`) as Promise<T>;
  }

  async function count(
    policy: 'strict' | 'none',
    name: string,
    argument: readonly unknown[],
    also?: (page: Page) => Promise<void>,
  ): Promise<Sightings> {
    const opened = await server.open(policy);
    try {
      await call(opened.page, name, argument);
      await actLikeAReader(opened.page, hovered);
      await also?.(opened.page);
      return opened.seen;
    } finally {
      await opened.close();
    }
  }

  function report(t: { diagnostic(text: string): void }, name: string, seen: Sightings): void {
    t.diagnostic(
      `${name}: ${seen.scripts.size} of ${scripted.length} scripts ran, ${seen.loads.size} of ${loading.length} loads arrived`,
    );
  }

  it('are more than a hundred, each with a name of its own', () => {
    assert.ok(hostileMessages.length >= 150);
    assert.equal(new Set(hostileMessages.map(({ id }) => id)).size, hostileMessages.length);
    assert.equal(new Set(hostileMessages.map(({ html }) => html)).size, hostileMessages.length);
  });

  it('succeed when nothing is done (the control)', async (t) => {
    const ids = active.map(({ id }) => id);
    const seen = await count('none', 'raw', ids);
    report(t, 'raw', seen);
    t.diagnostic(
      `scripts that did not run: ${scripted
        .map(({ id }) => id)
        .filter((id) => !seen.scripts.has(id))
        .join(' ')}`,
    );
    t.diagnostic(
      `loads that did not arrive: ${loading
        .map(({ id }) => id)
        .filter((id) => !seen.loads.has(id))
        .join(' ')}`,
    );
    assert.ok(seen.scripts.size >= 40);
    assert.ok(seen.loads.size >= 45);
  });

  it('do nothing in the frame, even uncleaned', async (t) => {
    const seen = await count('strict', 'rawInFrame', active);
    report(t, 'raw in the frame', seen);
    assert.deepEqual([...seen.scripts], []);
    assert.deepEqual([...seen.loads], []);
  });

  it('do nothing once cleaned, even outside the frame', async (t) => {
    const seen = await count('none', 'cleanInPage', active);
    report(t, 'cleaned, in a page without policy', seen);
    assert.deepEqual([...seen.scripts], []);
    assert.deepEqual([...seen.loads], []);
  });

  it('do nothing as they are shown; with consent the proxy is asked and nobody else', async (t) => {
    let held = 0;
    const seen = await count('strict', 'all', hostileMessages, async (page) => {
      held = await call<number>(page, 'showImages');
      await page.waitForTimeout(300);
    });
    report(t, 'as shown', seen);
    t.diagnostic(`${held} images held back, ${seen.media.length} fetched through the proxy after consent`);
    assert.deepEqual([...seen.scripts], []);
    assert.deepEqual([...seen.loads], []);
    assert.ok(held > 0 && seen.media.length > 0 && seen.media.length <= held);
  });

  it('cannot cover, move, resize or imitate the page', async () => {
    const { page, close } = await server.open('strict');
    try {
      await call(
        page,
        'all',
        hostileMessages.filter(({ kind }) => kind === 'visual'),
      );
      interface Look {
        readonly height: number;
        readonly cut: boolean;
        readonly text: string;
        readonly positions: readonly string[];
        readonly controls: number;
        readonly largestFont: number;
        readonly bodyShown: boolean;
        readonly bidi: readonly string[];
      }
      for (const { id, what, kind } of hostileMessages) {
        if (kind !== 'visual') continue;
        const look = await call<Look>(page, 'look', id);
        assert.deepEqual(look.positions, ['static'], what);
        assert.ok(look.height <= 20_000, what);
        assert.equal(look.controls, 0, what);
        assert.ok(look.largestFont <= 4_000, what);
        assert.ok(!look.bidi.includes('bidi-override'), what);
      }
    } finally {
      await close();
    }
  });

  it('do not bring what was not seen into a reply', async () => {
    const { page, close } = await server.open('strict');
    try {
      // The first shows at this width; the cleaner takes the second's indent away, so it is seen.
      const seenHere = new Set(['text that shows at another width', 'text moved out of sight']);
      for (const { html, what } of hostileMessages.filter((message) => message.html.includes('KOBOLD'))) {
        const quoted = await call<string>(page, 'quote', html);
        assert.match(quoted, /Seen\./, what);
        if (!seenHere.has(what)) assert.doesNotMatch(quoted, /KOBOLD/, what);
        // No rule that could show or hide it elsewhere.
        assert.doesNotMatch(quoted, /class=|id=|<style/, what);
      }
    } finally {
      await close();
    }
  });
});
