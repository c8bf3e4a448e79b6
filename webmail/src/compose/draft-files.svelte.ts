/**
 * The files of one draft: on their way up with their progress, and the addresses under which the text shows its images.
 * A file that fails stays with what went wrong, until it is tried again or taken out.
 */
import { SvelteMap } from 'svelte/reactivity';
import { downloadUrl, uploadUrl } from '../jmap/blob-urls.js';
import type { JmapClient } from '../jmap/client.js';
import type { DraftFile } from './draft.js';
import { UploadError, uploadFile } from './upload.js';

export interface Upload {
  readonly file: File;
  readonly sent: number;
  readonly startedAt: number;
  /** undefined: it goes on. */
  readonly failed: 'network' | 'tooLarge' | 'overQuota' | undefined;
}

export interface DraftFiles {
  /** Those that have no blob yet, by key. Watched. */
  readonly uploads: ReadonlyMap<string, Upload>;
  add(file: File, cid: string | undefined): DraftFile;
  retry(key: string): void;
  remove(key: string): void;
  /** Where the page finds an image of the message; undefined when it has none of that name. */
  address(cid: string): string | undefined;
  /** Fetches the images that a draft of the server brings. Those that fail are left out of the text. */
  fetchImages(files: readonly DraftFile[]): Promise<void>;
  release(): void;
}

/** After a failure of the network: again when it is said to be back, and by itself, later each time. */
const retryMs = [5_000, 15_000, 60_000] as const;

/** `onuploaded` is told the blob that a file became. What is larger than `mostOctets` is not sent at all. */
export function createDraftFiles(
  client: JmapClient,
  mostOctets: number,
  onuploaded: (key: string, blobId: string) => void,
): DraftFiles {
  const uploads = new SvelteMap<string, Upload>();
  const stops = new Map<string, AbortController>();
  const addresses = new Map<string, string>();
  const retries = new Map<string, ReturnType<typeof setTimeout>>();

  function startFailed(): void {
    for (const [key, { failed, file }] of uploads) if (failed === 'network') start(key, file);
  }
  window.addEventListener('online', startFailed);

  function retryLater(key: string, file: File, times: number): void {
    const after = retryMs[Math.min(times, retryMs.length - 1)];
    retries.set(
      key,
      setTimeout(() => {
        if (uploads.get(key)?.failed === 'network') start(key, file, times + 1);
      }, after),
    );
  }

  function start(key: string, file: File, times = 0): void {
    clearTimeout(retries.get(key));
    const stop = new AbortController();
    stops.set(key, stop);
    uploads.set(key, { file, sent: 0, startedAt: Date.now(), failed: undefined });
    const progress = (sent: number): void => {
      const now = uploads.get(key);
      if (now) uploads.set(key, { ...now, sent });
    };
    uploadFile(uploadUrl(client.session, client.accountId), file, progress, stop.signal).then(
      ({ blobId }) => {
        uploads.delete(key);
        stops.delete(key);
        onuploaded(key, blobId);
      },
      (error: unknown) => {
        const now = uploads.get(key);
        if (stop.signal.aborted || !now) return;
        const failed = reasonOf(error);
        uploads.set(key, { ...now, failed });
        if (failed === 'network') retryLater(key, file, times);
      },
    );
  }

  return {
    uploads,
    add(file, cid) {
      const key = crypto.randomUUID();
      if (cid !== undefined) addresses.set(cid, URL.createObjectURL(file));
      if (file.size <= mostOctets) start(key, file);
      else uploads.set(key, { file, sent: 0, startedAt: Date.now(), failed: 'tooLarge' });
      return { key, name: file.name, type: file.type, size: file.size, blobId: undefined, cid };
    },
    retry(key) {
      const failed = uploads.get(key);
      if (failed) start(key, failed.file);
    },
    remove(key) {
      clearTimeout(retries.get(key));
      stops.get(key)?.abort();
      stops.delete(key);
      uploads.delete(key);
    },
    address: (cid) => addresses.get(cid),
    async fetchImages(files) {
      await Promise.all(
        files.map(async ({ blobId, cid, name, type }) => {
          if (blobId === undefined || cid === undefined || addresses.has(cid)) return;
          const url = downloadUrl(client.session, client.accountId, { blobId, name, type });
          const response = await fetch(url, { credentials: 'same-origin' }).catch(() => undefined);
          if (response?.ok) addresses.set(cid, URL.createObjectURL(new Blob([await response.arrayBuffer()], { type })));
        }),
      );
    },
    release() {
      window.removeEventListener('online', startFailed);
      for (const timer of retries.values()) clearTimeout(timer);
      for (const stop of stops.values()) stop.abort();
      for (const address of addresses.values()) URL.revokeObjectURL(address);
    },
  };
}

function reasonOf(error: unknown): Upload['failed'] {
  if (error instanceof UploadError && error.status === 413) return 'tooLarge';
  if (error instanceof UploadError && error.status === 507) return 'overQuota';
  return 'network';
}
