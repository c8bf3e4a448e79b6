/**
 * The service worker as the page sees it (worker/service-worker.ts): registered when the page has nothing else to do, asked now and
 * then whether there is a newer version. When one has come the reader is told, and chooses when to load it.
 */
import { t } from '../i18n/text.svelte.js';
import { toasts } from './toasts.svelte.js';
import { writing } from './writing.svelte.js';

const script = '/sw.js';
const askEveryMs = 3_600_000;

export function install(): void {
  // Plain http from another machine has none.
  const workers = (navigator as { readonly serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  if (workers === undefined) return;
  // The first worker of a browser takes over a page of its own version.
  let isFirst = workers.controller === null;
  workers.addEventListener('controllerchange', () => {
    if (!isFirst) tellNewVersion();
    isFirst = false;
  });
  workers.register(trusted(script) as string, { updateViaCache: 'none' }).then(
    (registration) => {
      let asked = Date.now();
      document.addEventListener('visibilitychange', () => {
        if (document.visibilityState !== 'visible' || Date.now() - asked < askEveryMs) return;
        asked = Date.now();
        registration.update().catch(() => {}); // another time
      });
    },
    () => {}, // private windows of some browsers: the page works without
  );
}

/** Nothing of it stays in the browser; for sign-out. */
export async function uninstall(): Promise<void> {
  try {
    const all = await navigator.serviceWorker.getRegistrations();
    await Promise.all(all.map((one) => one.unregister()));
    await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
  } catch {
    // There was none.
  }
}

function tellNewVersion(): void {
  toasts.say(t.text.newVersion, {
    act: {
      words: t.text.reload,
      run: () => void writing.keep().finally(() => location.reload()),
    },
    lasting: true,
  });
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

/** Trusted Types: this one address, and no other, may become a script. */
function trusted(url: string): unknown {
  const types = (globalThis as { readonly trustedTypes?: TrustedTypes }).trustedTypes;
  if (types === undefined) return url;
  const policy = types.createPolicy('app', {
    createScriptURL(one) {
      if (one !== script) throw new TypeError('not a script of this page');
      return one;
    },
  });
  return policy.createScriptURL(url);
}
