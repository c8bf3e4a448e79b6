/**
 * Remote images: the reader says whether they are shown, for one message or for everything from one sender; then the server
 * signs their addresses, fetches them itself and hands them over (`/media/`), so that the sender learns neither when nor
 * from where. What was decided for senders stays in this browser, or
 * with the tab where the computer is not the reader's own.
 */
import { ask } from '../jmap/transport.js';
import { browserStorage } from '../vault/browser-storage.js';

const storageKey = 'vaguemestre.imagesFrom';
const maxSenders = 500;

function trusted(): string[] {
  try {
    const list: unknown = JSON.parse(browserStorage.get(storageKey) ?? '[]');
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export function showsImagesOf(address: string): boolean {
  return trusted().includes(address.toLowerCase());
}

export function setShowsImagesOf(address: string, shows: boolean): void {
  const others = trusted().filter((one) => one !== address.toLowerCase());
  browserStorage.set(
    storageKey,
    JSON.stringify((shows ? [...others, address.toLowerCase()] : others).slice(-maxSenders)),
  );
}

const maxAddresses = 100;

/** Where the server will have each image; those that it refuses are missing. */
export async function signedAddresses(
  emailId: string,
  addresses: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const signed = new Map<string, string>();
  for (let from = 0; from < addresses.length; from += maxAddresses) {
    const urls = addresses.slice(from, from + maxAddresses);
    const response = await ask('/api/media/sign', {
      method: 'POST',
      type: 'application/json',
      body: JSON.stringify({ emailId, urls }),
      signal,
    });
    const answer = (await response.json()) as { readonly urls: Readonly<Record<string, string>> };
    for (const url of urls) {
      const address = answer.urls[url];
      if (address?.startsWith('/media/')) signed.set(url, address);
    }
  }
  return signed;
}
