/**
 * The built webmail over the JMAP server in memory, on a loopback port: what the page needs and no more. For tests and
 * pictures of the page alone; what it does with the real service is tested with the real service.
 */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MemoryJmap } from './memory-jmap.js';

const root = fileURLToPath(new URL('../../../webmail/dist/', import.meta.url));
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; " +
  "frame-src 'self' blob:; manifest-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; " +
  'trusted-types app svelte-trusted-html';

export interface WebmailSite {
  readonly url: string;
  close(): Promise<void>;
}

/** `change`: files of the build as another version of it would have them. */
export async function startWebmailSite(
  jmap: MemoryJmap,
  change: (name: string, content: string) => string = (_name, content) => content,
): Promise<WebmailSite> {
  const streams = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const json = (value: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    if (pathname === '/jmap/session') return json(jmap.session);
    if (pathname === '/api/auth/session') {
      const address = jmap.session.username;
      return json({ account: 'a1', address, name: 'Claire Vasseur', lang: 'fr', admin: false, own: false });
    }
    if (pathname === '/jmap/api') {
      let body = '';
      for await (const chunk of request) body += chunk;
      return json(await jmap.post(JSON.parse(body)));
    }
    if (pathname.startsWith('/jmap/eventsource')) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(': here\n\n');
      let state = 0;
      const tell = (): void => {
        const changed = { a1: { Email: `s${state++}` } };
        response.write(`event: state\ndata: ${JSON.stringify({ '@type': 'StateChange', changed })}\n\n`);
      };
      jmap.onChange.add(tell);
      const end = (): void => {
        jmap.onChange.delete(tell);
        streams.delete(end);
        response.end();
      };
      streams.add(end);
      request.on('close', end);
      return;
    }
    if (pathname === '/frame') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end('<!doctype html>');
      return;
    }
    const name = extname(pathname) === '' ? 'index.html' : pathname;
    try {
      const octets = await readFile(join(root, name));
      const isText = extname(name) === '.html' || name === '/sw.js';
      const content = isText ? change(name.replace(/^\//, ''), octets.toString()) : octets;
      response.writeHead(200, {
        'content-type': types[extname(name)] ?? 'application/octet-stream',
        'content-security-policy': policy,
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      for (const end of streams) end();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
