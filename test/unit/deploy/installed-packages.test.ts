import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { checkout } from '../../harness/programs.js';

interface InstalledPackages {
  packagesFor(lock: unknown, workspaces: readonly string[]): Set<string>;
  missingFor(root: string, workspaces: readonly string[]): string | undefined;
  hasMoreThan(root: string, workspaces: readonly string[]): boolean;
}

const { packagesFor, missingFor, hasMoreThan } = (await import(
  pathToFileURL(join(checkout, 'deploy/installed-packages.mjs')).href
)) as InstalledPackages;

const lock = {
  packages: {
    '': { workspaces: ['app', 'app/inner', 'test'], devDependencies: { lint: '1.0.0' } },
    app: { dependencies: { base: '1.0.0', '@x/inner': '0.0.0' } },
    'app/inner': { dependencies: { deep: '1.0.0' } },
    test: { devDependencies: { heavy: '1.0.0' } },
    'node_modules/@x/inner': { resolved: 'app/inner', link: true },
    'node_modules/lint': { version: '1.0.0', optionalDependencies: { 'lint-other-os': '1.0.0' } },
    'node_modules/lint-other-os': { version: '1.0.0', optional: true },
    'node_modules/base': { version: '1.0.0', dependencies: { deep: '2.0.0' } },
    'node_modules/base/node_modules/deep': { version: '2.0.0' },
    'node_modules/deep': { version: '1.0.0' },
    'node_modules/heavy': { version: '1.0.0' },
  } as Record<string, { version?: string; optional?: boolean; link?: boolean }>,
};

describe('what prepare takes for installed', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'vaguemestre-packages-'));
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function installed(places: Record<string, string>): void {
    const packages: Record<string, unknown> = {};
    for (const [place, version] of Object.entries(places)) {
      mkdirSync(join(root, place), { recursive: true });
      packages[place] = version === 'link' ? { link: true } : { version };
    }
    mkdirSync(dirname(join(root, 'node_modules/x')), { recursive: true });
    writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
  }

  const run = {
    'node_modules/lint': '1.0.0',
    'node_modules/base': '1.0.0',
    'node_modules/base/node_modules/deep': '2.0.0',
    'node_modules/deep': '1.0.0',
    'node_modules/@x/inner': 'link',
  };

  it('reaches nested and linked packages, and leaves out what only others need', () => {
    assert.deepEqual([...packagesFor(lock, ['app'])].sort(), [
      'node_modules/@x/inner',
      'node_modules/base',
      'node_modules/base/node_modules/deep',
      'node_modules/deep',
      'node_modules/lint',
      'node_modules/lint-other-os',
    ]);
  });

  it('says that nothing is installed', () => assert.match(missingFor(root, ['app']) ?? '', /nothing is installed/));

  it('is content with the packages of the workspaces, without optional ones of other systems', () => {
    installed(run);
    assert.equal(missingFor(root, ['app', 'app/inner']), undefined);
    assert.equal(missingFor(root, ['app', 'app/inner', 'test']), 'node_modules/heavy is missing');
    assert.equal(hasMoreThan(root, ['app', 'app/inner']), false);
  });

  it('names a version that differs', () => {
    installed({ ...run, 'node_modules/base': '0.9.0' });
    assert.equal(missingFor(root, ['app']), 'node_modules/base is 0.9.0, not 1.0.0');
  });

  it('notices a package whose folder was removed', () => {
    installed(run);
    rmSync(join(root, 'node_modules/deep'), { recursive: true });
    assert.equal(missingFor(root, ['app']), 'node_modules/deep is missing');
  });

  it('knows a larger installation, which must not be replaced by a smaller one', () => {
    installed({ ...run, 'node_modules/heavy': '1.0.0' });
    assert.equal(hasMoreThan(root, ['app', 'app/inner']), true);
  });
});
