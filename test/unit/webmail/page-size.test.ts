/** What a browser downloads before it shows mail, against the budget: gzip of the built chunks, as the server sends them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { checkout } from '../../harness/programs.js';

interface Chunk {
  readonly file: string;
  readonly src?: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
  readonly css?: readonly string[];
}

const dist = join(checkout, 'webmail/dist');
const manifestFile = join(dist, '.vite/manifest.json');
const built = existsSync(manifestFile);
const KB = 1000;

describe('the size of the pages', { skip: built ? false : 'the webmail is not built' }, () => {
  const manifest: Readonly<Record<string, Chunk>> = built ? JSON.parse(readFileSync(manifestFile, 'utf8')) : {};

  /** A chunk and everything it needs before it runs. */
  function reach(key: string, seen = new Set<string>()): Set<string> {
    if (seen.has(key)) return seen;
    seen.add(key);
    for (const next of manifest[key]?.imports ?? []) reach(next, seen);
    return seen;
  }

  const sizes = new Map<string, number>();
  function sizeOf(file: string): number {
    let size = sizes.get(file);
    if (size === undefined) {
      size = gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
      sizes.set(file, size);
    }
    return size;
  }

  function scripts(keys: Iterable<string>): number {
    return [...new Set([...keys].map((key) => manifest[key]?.file ?? ''))].reduce((sum, file) => sum + sizeOf(file), 0);
  }

  function styles(keys: Iterable<string>): number {
    const files = new Set([...keys].flatMap((key) => manifest[key]?.css ?? []));
    return [...files].reduce((sum, file) => sum + sizeOf(file), 0);
  }

  const keyOf = (part: string): string =>
    Object.keys(manifest).find((key) => key.endsWith(part)) ?? assert.fail(`no chunk ${part}`);
  const page = (): Set<string> => reach('index.html');
  /** Chunks that come with a part of the page and were not there before. */
  const beyond = (part: string): Set<string> => {
    const before = page();
    return new Set([...reach(keyOf(part))].filter((key) => !before.has(key)));
  };

  it('of the mailbox: script at most 90 KB, style at most 18 KB', () => {
    // The words of one language come with the page.
    const script = scripts([...page(), keyOf('i18n/fr.ts')]);
    const style = styles(page());
    console.log(`mailbox page: ${(script / KB).toFixed(1)} KB of script, ${(style / KB).toFixed(1)} KB of style`);
    assert.ok(script <= 90 * KB, `${script} octets of script`);
    assert.ok(style <= 18 * KB, `${style} octets of style`);
  });

  for (const [name, part, budgetKB] of [
    ['the reading pane', 'views/reading/ReadingPane.svelte', 30],
    ['the cleaner of HTML mail', 'html/clean-html.ts', 18],
    ['the composer', 'compose/open-compose.ts', 45],
    ['the search panel', 'views/search/SearchPanel.svelte', 8],
    ['the palette', 'views/shell/Palette.svelte', 8],
  ] as const) {
    it(`of ${name}: at most ${budgetKB} KB more`, () => {
      const size = scripts(beyond(part));
      console.log(`${name}: ${(size / KB).toFixed(1)} KB`);
      assert.ok(size <= budgetKB * KB, `${size} octets`);
    });
  }
});
