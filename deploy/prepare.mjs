/**
 * Makes a source checkout ready, and does only what is not done yet:
 *
 *   node deploy/prepare.mjs run    what the service needs: packages, server, webmail (before `npm start`)
 *   node deploy/prepare.mjs test   the same and the tests (before `npm test`)
 *
 * Node built-ins only, because nothing is installed when it first runs. It ends with 1 and one clear sentence when a step
 * fails. Needs no root and writes inside the checkout only.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasMoreThan, missingFor } from './installed-packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const runWorkspaces = ['shared', 'server', 'server/embedded', 'server/relay', 'webmail'];
const allWorkspaces = [...runWorkspaces, 'test'];

const say = (text) => process.stderr.write(`prepare: ${text}\n`);

function fail(text) {
  say(text);
  process.exit(1);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (!fits)
    fail(`Node.js ${process.versions.node} is too old: install 20.19 or newer of 20, 22.12 or newer of 22, or 24.`);
}

/** Runs a program in the checkout; its output goes to standard error, so that standard output stays the service's. */
function run(what, args, options = {}) {
  const result = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (result.error) fail(`${what} could not be started: ${result.error.message}`);
  if (result.status !== 0) fail(`${what} failed (see above).`);
}

function npm(args) {
  // Under `npm start` npm names itself; by hand it is looked for on the path.
  const own = process.env.npm_execpath;
  if (own?.endsWith('.js')) return run('npm', [own, ...args]);
  const result = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (result.error) fail('npm was not found: it comes with Node.js, install both.');
  if (result.status !== 0)
    fail(`npm ${args[0]} failed (see above). It needs the package registry once; then no network.`);
}

function install(mode) {
  const reason = missingFor(root, mode === 'run' ? runWorkspaces : allWorkspaces);
  if (reason === undefined) return;
  // Whoever has the test tree keeps it: `npm start` on a checkout that was tested must not make the next test install.
  const everything = mode === 'test' || hasMoreThan(root, runWorkspaces);
  say(`installing packages (${reason}), 10 to 60 seconds ...`);
  const only = everything ? [] : ['--include-workspace-root', ...runWorkspaces.flatMap((name) => ['-w', name])];
  npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...only]);
}

function newest(path) {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry) return 0;
  if (!entry.isDirectory()) return entry.mtimeMs;
  let latest = entry.mtimeMs; // a removed file changes its folder
  for (const name of readdirSync(path)) latest = Math.max(latest, newest(join(path, name)));
  return latest;
}

function compile(mode) {
  const projects = mode === 'run' ? ['server', 'server/relay'] : ['.'];
  if (!existsSync(join(root, 'server/dist/main.js'))) say('compiling ...');
  run('the TypeScript compiler', [join(root, 'node_modules/typescript/bin/tsc'), '-b', ...projects]);
}

function buildWebmail() {
  const built = statSync(join(root, 'webmail/dist/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = [
    'src',
    'public',
    'index.html',
    'setup.html',
    'vite.config.ts',
    'static-icons.ts',
    'svelte.config.js',
    'package.json',
  ];
  const latest = Math.max(
    ...sources.map((name) => newest(join(root, 'webmail', name))),
    newest(join(root, 'shared/src')),
  );
  if (built > latest) return;
  say('building the webmail ...');
  run('the webmail build', [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], {
    cwd: join(root, 'webmail'),
  });
}

const mode = process.argv[2] ?? 'run';
if (mode !== 'run' && mode !== 'test') fail(`say "run" or "test", not "${mode}".`);
checkNode();
install(mode);
compile(mode);
buildWebmail();
