/**
 * `npm run test:install`: installs the programs that some tests need (programs.mjs), on Debian and its relatives, as root.
 * A policy file forbids every daemon to start while packages are set up, and is removed afterwards. On any other system, or
 * without root, it changes nothing and says what to do instead.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { missingPrograms, programs } from './programs.mjs';

const policyFile = '/usr/sbin/policy-rc.d';

function apt(args) {
  const result = spawnSync('apt-get', args, {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return result.status === 0;
}

/** Resolves with whether everything is there afterwards. */
export function installPrograms() {
  const missing = missingPrograms();
  if (missing.length === 0) {
    console.error('test:install: everything is there.');
    return true;
  }
  const packages = [...new Set(missing.map((name) => programs[name].package))];
  const command = `apt-get install --no-install-recommends ${packages.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get')) {
    console.error(`test:install: no apt-get here. Install by the means of this system: ${missing.join(', ')}.`);
    return false;
  }
  if (process.getuid?.() !== 0) {
    console.error(`test:install: needs root. Run: sudo npm run test:install   (it does: ${command})`);
    return false;
  }
  const ownPolicy = !existsSync(policyFile);
  // 101: "action forbidden by policy" (invoke-rc.d); so nothing that is installed here ever listens on this machine.
  if (ownPolicy) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    if (!apt(['update', '-q'])) console.error('test:install: apt-get update failed; trying with what is known.');
    apt(['install', '-y', '-q', '--no-install-recommends', ...packages]);
  } finally {
    if (ownPolicy) rmSync(policyFile, { force: true });
  }
  const still = missingPrograms();
  if (still.length > 0) console.error(`test:install: still missing: ${still.join(', ')}.`);
  return still.length === 0;
}

if (process.argv[1]?.endsWith('test-install.mjs')) process.exitCode = installPrograms() ? 0 : 1;
