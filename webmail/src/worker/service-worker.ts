/**
 * The service worker: the page's own files and nothing else, so that a start waits for no network and a day without it shows what
 * is kept. Mail never passes through here, and nothing of it is cached.
 *
 * A version is one cache, filled as a whole when it is installed, or not at all. It takes over at once: the next load of the page
 * is the new one, never a stuck old one. A page that is open goes on with the files it began with, for which the caches of the
 * versions before are kept a while; it is told that there is a new one by being controlled by another worker.
 */

interface WaitingEvent extends Event {
  waitUntil(what: Promise<unknown>): void;
}

interface LoadEvent extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Worker extends EventTarget {
  readonly clients: { claim(): Promise<void> };
  readonly location: Location;
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: WaitingEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: LoadEvent) => void): void;
}

/** Written by the build: a name for what it made, and every file that the page may ask for. */
declare const webmailVersion: string;
declare const webmailFiles: readonly string[];

const worker = globalThis as unknown as Worker;
const prefix = 'vaguemestre-page-';
const own = prefix + webmailVersion;
/** The page as the service gives it under every address of its own. */
const shell = '/shell';
/** For pages that were open when a version came; one that is older than this many is loaded anew by whoever uses it. */
const keptVersions = 3;

worker.addEventListener('install', (event) => {
  event.waitUntil(install());
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([forgetOld(), worker.clients.claim()]));
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return;
  if (isPage(request, url)) event.respondWith(answer(shell, request));
  else if (url.pathname.startsWith('/assets/') || webmailFiles.includes(url.pathname)) {
    event.respondWith(answer(url.pathname, request));
  }
});

/** With a query the root is the service's: signing in and out. */
function isPage({ mode, destination }: Request, { pathname, search }: URL): boolean {
  if (mode !== 'navigate' || destination !== 'document') return false;
  return pathname === '/mail' || pathname.startsWith('/mail/') || (pathname === '/' && search === '');
}

async function install(): Promise<void> {
  const cache = await caches.open(own);
  await cache.addAll([shell, ...webmailFiles].map((path) => new Request(path, { credentials: 'omit' })));
  await worker.skipWaiting();
}

async function forgetOld(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== own);
  // In the order in which they were made.
  await Promise.all(names.slice(0, Math.max(0, names.length - keptVersions + 1)).map((name) => caches.delete(name)));
}

async function answer(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(own);
  // Names of assets are of their content: whichever version has it has the same.
  const kept = (await cache.match(path)) ?? (await caches.match(path));
  return kept ?? fetch(request);
}
