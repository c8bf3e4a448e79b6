/**
 * Where this browser keeps what is small and plain: for good on a reader's own computer, on any other with the tab, so that
 * nothing of a reader is left behind when the browser is closed without signing out. Without storage nothing is kept.
 */
import { sessionHalves } from './session-half.js';

const isOwn = (): boolean => sessionHalves().now !== undefined;

export const browserStorage = {
  get(key: string): string | null {
    try {
      return (isOwn() ? localStorage : sessionStorage).getItem(key);
    } catch {
      return null;
    }
  },
  set(key: string, value: string): void {
    try {
      (isOwn() ? localStorage : sessionStorage).setItem(key, value);
      // Of a time when this computer was somebody's own.
      if (!isOwn()) localStorage.removeItem(key);
    } catch {
      // See above.
    }
  },
};
