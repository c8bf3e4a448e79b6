/** What a browser downloads for a page of the webmail, or for a part of it that comes later: gzip of the built chunks. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkout } from './programs.js';

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

const dist = join(checkout, 'webmail/dist');
const manifestFile = join(dist, '.vite/manifest.json');

export const isWebmailBuilt = (): boolean => existsSync(manifestFile);

/** Octets in KB of 1000. */
export interface PageSizes {
  readonly mailbox: { readonly script: number; readonly style: number };
  /** Style of the page that the server renders itself. */
  readonly signInStyle: number;
  /** What comes when this source is first needed, beyond the mailbox page. */
  later(source: string): number;
  /** Of one file of the build. */
  file(name: string): number;
}

export function pageSizes(): PageSizes {
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as Readonly<Record<string, Chunk>>;
  const known = new Map<string, number>();

  function sizeOf(file: string): number {
    const size = known.get(file) ?? gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1000;
    known.set(file, size);
    return size;
  }

  /** A chunk and everything it needs before it runs. */
  function reach(key: string, seen = new Set<string>()): Set<string> {
    if (seen.has(key)) return seen;
    seen.add(key);
    for (const next of manifest[key]?.imports ?? []) reach(next, seen);
    return seen;
  }

  const keyOf = (source: string): string =>
    Object.keys(manifest).find((key) => key.endsWith(source)) ?? assert.fail(`no chunk ${source}`);
  const sum = (files: Iterable<string>): number => [...new Set(files)].reduce((size, file) => size + sizeOf(file), 0);
  const scripts = (keys: Iterable<string>): number => sum([...keys].map((key) => manifest[key]?.file ?? ''));
  // The words of one language come with the page.
  const page = reach('index.html');
  const mailbox = new Set([...page, ...reach(keyOf('i18n/fr.ts'))]);

  return {
    mailbox: { script: scripts(mailbox), style: sum([...page].flatMap((key) => manifest[key]?.css ?? [])) },
    signInStyle: sizeOf(manifest[keyOf('sign-in/sign-in.css')]?.file ?? ''),
    later: (source) => scripts([...reach(keyOf(source))].filter((key) => !mailbox.has(key))),
    file: sizeOf,
  };
}
