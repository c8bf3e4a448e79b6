/** The web application on a real socket, over people in memory and a webmail of two files. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpApp } from '@vaguemestre/server/http/http-app';
import { listenHttp } from '@vaguemestre/server/http/http-listener';
import type { MediaOptions } from '@vaguemestre/server/http/media/media-routes';
import { silentLog } from '@vaguemestre/server/kernel/log';
import type { TlsFiles } from '@vaguemestre/server/net/tls-context';
import type { Health } from '@vaguemestre/server/observe/health';
import type { ServiceInfo } from '@vaguemestre/shared/service-info';
import { type WebClient, type WebClientOptions, webClient } from './web-client.js';
import { type WebPeople, type WebPeopleOptions, webPeople } from './web-people.js';

export interface WebSite {
  readonly people: WebPeople;
  health: Health;
  readonly port: number;
  client(options?: Omit<WebClientOptions, 'port'>): WebClient;
  close(): Promise<void>;
}

const info: ServiceInfo = {
  product: 'Vaguemestre',
  version: '0.0.0',
  domain: 'labo.example',
  host: 'mail.labo.example',
  selfSigned: true,
  doors: [],
  inside: [],
};

export interface WebSiteOptions extends WebPeopleOptions {
  /** The built webmail in place of the two files. */
  readonly webmailFolder?: string;
  readonly people?: WebPeople;
  readonly media?: MediaOptions;
  readonly doors?: ServiceInfo['doors'];
  readonly tls?: TlsFiles;
}

export async function openWebSite(options: WebSiteOptions = {}): Promise<WebSite> {
  const folder = mkdtempSync(join(tmpdir(), 'vm-web-'));
  mkdirSync(join(folder, 'assets'));
  for (const name of ['index.html', 'setup.html'])
    writeFileSync(join(folder, name), `<!doctype html><p>this is ${name}`);
  writeFileSync(join(folder, 'assets/a-1.js'), '0');
  const people = options.people ?? webPeople(options);
  let health: Health = { status: 'ok' };
  const app = await createHttpApp({
    health: { check: async () => health },
    info: () => ({ ...info, doors: options.doors ?? [] }),
    webmailFolder: options.webmailFolder ?? folder,
    auth: people.auth,
    configure: { mayUse: people.mayUse },
    ...(options.media === undefined ? {} : { media: options.media }),
    log: silentLog,
  });
  const listener = await listenHttp(app, {
    address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    maxConnections: 1_000,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  });
  const port = listener.address.kind === 'tcp' ? listener.address.port : 0;
  return {
    people,
    set health(next: Health) {
      health = next;
    },
    port,
    client: (more = {}) => webClient({ port, ...more }),
    async close() {
      await listener.close(0);
      await app.close();
      if (options.people === undefined) await people.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
