import type { EmailMemo } from '../emails.js';

/** Sorted lists and the like of one account: a list of 100,000 emails has 400 KB, what they are sorted by in words 6 MB. */
const maxBytes = 32 * 1024 * 1024;

export interface Memo extends EmailMemo {
  readonly bytes: number;
}

export function memo(): Memo {
  const kept = new Map<string, { readonly value: unknown; readonly bytes: number }>();
  let bytes = 0;
  const drop = (key: string): void => {
    bytes -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  };
  return {
    get bytes() {
      return bytes;
    },
    get<T>(key: string): T | undefined {
      const found = kept.get(key);
      if (found === undefined) return undefined;
      kept.delete(key);
      kept.set(key, found);
      return found.value as T;
    },
    set(key, value, size) {
      drop(key);
      if (size > maxBytes / 2) return;
      kept.set(key, { value, bytes: size });
      bytes += size;
      for (const oldest of kept.keys()) {
        if (bytes <= maxBytes) break;
        drop(oldest);
      }
    },
  };
}
