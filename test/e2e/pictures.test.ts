/** Pictures as a browser gets them: rebuilt ones still show, and the proxy serves the frame of messages. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { rebuildRaster } from '@vaguemestre/server/codec/image/raster';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../harness/browser.js';
import { gif } from '../harness/pictures.js';
import { unlessInstalled } from '../harness/programs.js';
import { webPassword } from '../harness/web-people.js';
import { openWebSite, type WebSite } from '../harness/web-site.js';

/** Draws a red picture and answers it as base64. */
const draw = (type: string): string => `new Promise((done) => {
  const canvas = document.createElement('canvas');
  canvas.width = 40;
  canvas.height = 30;
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#c01020';
  pen.fillRect(0, 0, 40, 30);
  canvas.toBlob((blob) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.split(',')[1]);
    reader.readAsDataURL(blob);
  }, '${type}');
})`;

/** Shows a picture and answers its size and the colour in its middle. */
const look = (address: string): string => `(async () => {
  const picture = new Image();
  picture.src = '${address}';
  await picture.decode();
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  pen.drawImage(picture, 0, 0);
  return [picture.naturalWidth, picture.naturalHeight, ...pen.getImageData(20, 15, 1, 1).data];
})()`;

describe('pictures in a browser', { skip: unlessInstalled('chromium') }, () => {
  let site: WebSite;
  let browser: Browser;
  let page: Page;
  let outside: Server;
  let asked = 0;

  before(async () => {
    outside = createServer((_request, response) => {
      asked++;
      response.end(gif());
    });
    await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
    const { port } = outside.address() as AddressInfo;
    const rules = { allowed: () => true, resolve: async () => ['127.0.0.1'], port };
    [site, browser] = await Promise.all([openWebSite({ media: { rules } }), openBrowser()]);
    await site.people.add('anne');
    page = await (await browser.newContext()).newPage();
    await page.goto(`http://127.0.0.1:${site.port}/`);
    await page.fill('#username', 'anne');
    await page.fill('#password', webPassword);
    await page.keyboard.press('Enter');
    await page.getByText('this is index.html').waitFor();
  });
  after(async () => {
    await browser.close();
    await site.close();
    outside.closeAllConnections();
    outside.close();
  });

  for (const type of ['image/png', 'image/jpeg', 'image/webp']) {
    it(`show as before when they were rebuilt (${type})`, async () => {
      const octets = Buffer.from((await page.evaluate(draw(type))) as string, 'base64');
      const raster = rebuildRaster(octets);
      assert.equal(raster?.type, type);
      const seen = await page.evaluate(look(`data:${type};base64,${Buffer.concat(raster.pieces).toString('base64')}`));
      const [width, height, red = 0, green = 255] = seen as number[];
      assert.deepEqual([width, height], [40, 30]);
      assert.ok(Math.abs(red - 0xc0) < 8 && Math.abs(green - 0x10) < 8, String(seen));
    });
  }

  it('come through the proxy into the frame of a message, and from nowhere else', async () => {
    const sign = `fetch('/api/media/sign', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'X-Vaguemestre': '1' },
      body: JSON.stringify({ emailId: 'M1', urls: ['http://pictures.example/a.gif'] }),
    }).then((reply) => reply.json()).then(({ urls }) => urls['http://pictures.example/a.gif'])`;
    const address = (await page.evaluate(sign)) as string;
    const show = (source: string): string => `(async () => {
      const frame = document.createElement('iframe');
      frame.sandbox = 'allow-same-origin allow-popups allow-popups-to-escape-sandbox';
      frame.src = '/frame';
      document.body.append(frame);
      await new Promise((done) => frame.addEventListener('load', done, { once: true }));
      const picture = frame.contentDocument.createElement('img');
      const shown = new Promise((done) => {
        picture.addEventListener('load', () => done(picture.naturalWidth));
        picture.addEventListener('error', () => done('refused'));
      });
      picture.src = '${source}';
      frame.contentDocument.body.append(picture);
      return shown;
    })()`;
    assert.equal(await page.evaluate(show(address)), 1);
    assert.equal(asked, 1);
    const { port } = outside.address() as AddressInfo;
    assert.equal(await page.evaluate(show(`http://127.0.0.1:${port}/b.gif`)), 'refused');
    assert.equal(asked, 1);
  });
});
