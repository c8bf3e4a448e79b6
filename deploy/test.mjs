/**
 * `npm test [-- FILTER ...]`: runs every compiled test (`test/dist`, `server/embedded/dist/test`), or those whose path
 * contains a FILTER. Tests that start no server share one process a part, because a process a file would cost more than
 * the tests; the others get a process each, two at a time. The last lines name what did not run for want of a program and
 * the one command that installs it; with CI=true those programs are installed first, and what still did not run is a
 * failure. Exit code 0 only if everything that had to pass passed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { missingPrograms } from './programs.mjs';
import { installPrograms } from './test-install.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const inCi = process.env.CI === 'true';
const fileTimeoutMs = 300_000;

/** Where compiled tests lie and where their sources do. */
const trees = [
  { compiled: join(root, 'test/dist'), source: join(root, 'test') },
  { compiled: join(root, 'server/embedded/dist/test'), source: join(root, 'server/embedded/test') },
];

function collect({ compiled, source }) {
  if (!existsSync(compiled)) return [];
  const found = [];
  for (const entry of readdirSync(compiled, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.test.js')) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    // The compiler leaves the output of a test that was deleted or renamed: it is not a test any more.
    if (existsSync(join(source, relative(compiled, file)).replace(/\.js$/, '.ts'))) found.push(file);
  }
  return found.sort();
}

/** Kinds of tests that may share a process: those that start nothing and change nothing outside themselves. */
const sharing = new Set(['unit', 'codec', 'property']);
/** What a test that needs a process of its own imports. */
const startsSomething =
  /from '(node:(child_process|cluster|worker_threads|net|tls|http)|mongodb|@vaguemestre\/embedded|playwright-core)/;
const startsThroughHarness = /from '(\.\.?\/)+harness\//;

function mayShare(file) {
  const kind = relative(root, file).split(sep)[2] ?? '';
  const text = readFileSync(file, 'utf8');
  return (
    (sharing.has(kind) || file.includes(`${sep}codec${sep}`)) &&
    !startsSomething.test(text) &&
    !startsThroughHarness.test(text)
  );
}

/** One file that imports many: Node 20 has no way to run several test files in one process. */
function writeGroups(files, folder) {
  const groups = new Map();
  for (const file of files) {
    const part = relative(root, dirname(file)).split(sep).slice(0, 4).join('-');
    groups.set(part, [...(groups.get(part) ?? []), file]);
  }
  const written = [];
  for (const [part, members] of groups) {
    if (members.length === 1) {
      written.push(...members);
      continue;
    }
    const group = join(folder, `${part}.test.mjs`);
    writeFileSync(
      group,
      members.map((file) => `await import(${JSON.stringify(pathToFileURL(file).href)});\n`).join(''),
    );
    written.push(group);
  }
  return written;
}

function main() {
  const filters = process.argv.slice(2);
  if (inCi && missingPrograms().length > 0) installPrograms();
  const files = trees
    .flatMap(collect)
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
  if (files.length === 0) {
    console.error(
      filters.length > 0 ? `No test matches ${filters.join(' ')}.` : 'No compiled test was found: run npm run build.',
    );
    return 1;
  }
  const folder = mkdtempSync(join(tmpdir(), 'vaguemestre-test-'));
  try {
    const shared = files.filter(mayShare);
    const alone = longestFirst(files.filter((file) => !shared.includes(file)));
    const skippedFile = join(folder, 'skipped.json');
    console.log(`running ${files.length} test files ...`);
    const started = performance.now();
    const result = spawnSync(
      process.execPath,
      [
        '--enable-source-maps',
        '--test',
        '--test-concurrency=2',
        // A file that hangs is a failure that names itself, not a run that never ends.
        `--test-timeout=${fileTimeoutMs}`,
        `--test-reporter=${pathToFileURL(join(root, 'deploy/test-reporter.mjs')).href}`,
        '--test-reporter-destination=stdout',
        ...alone,
        ...writeGroups(shared, folder),
      ],
      { cwd: root, stdio: 'inherit', env: { ...process.env, VAGUEMESTRE_TEST_SKIPPED: skippedFile } },
    );
    console.log(`${files.length} test files in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    const notRun = existsSync(skippedFile)
      ? sayWhatDidNotRun(JSON.parse(readFileSync(skippedFile, 'utf8')).skipped)
      : 0;
    if (result.status !== 0) return result.status ?? 1;
    return inCi && notRun > 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Kinds whose files take longest, in order: begun last they would keep one processor waiting at the end. */
const slowKinds = ['crash', 'interop', 'contract', 'fuzz', 'e2e'];

function longestFirst(files) {
  const rank = (file) => {
    const at = slowKinds.findIndex((kind) => file.includes(`${sep}dist${sep}${kind}${sep}`));
    return at < 0 ? slowKinds.length : at;
  };
  return files.toSorted((a, b) => rank(a) - rank(b));
}

/** A test says `needs PROGRAM ...` as the reason of its skip (test/harness/programs.ts). */
function sayWhatDidNotRun(skipped) {
  const wanting = skipped.filter(({ reason }) => reason.startsWith('needs '));
  for (const { part, name, reason } of wanting) console.log(`did not run: ${part}: ${name} (${reason})`);
  if (wanting.length > 0) {
    console.log(`${wanting.length} did not run for want of a program. To install them: npm run test:install`);
    if (inCi) console.log('With CI=true that is a failure.');
  }
  return wanting.length;
}

process.exitCode = main();
