/** A browser for end-to-end tests: Debian's Chromium, without a sandbox of its own (tests run as any user, also as root). */
import { type Browser, chromium } from 'playwright-core';
import { program } from './programs.js';

export const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: program('chromium'), args: quiet });
}
