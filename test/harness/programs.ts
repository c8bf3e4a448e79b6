/**
 * Tests that need a program besides Node.js ask for it here. `npm test` collects the reasons, names what did not run, and
 * with CI=true takes it for a failure.
 */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface ProgramFinder {
  findProgram(name: string): string | undefined;
}

/** The checkout, seen from test/dist/harness/. */
export const checkout = join(import.meta.dirname, '../../..');

const finder = (await import(pathToFileURL(join(checkout, 'deploy/programs.mjs')).href)) as ProgramFinder;

/** For the `skip` of a test or suite: false if every program is there, else the reason. */
export function unlessInstalled(...names: string[]): false | string {
  const missing = names.filter((name) => finder.findProgram(name) === undefined);
  return missing.length === 0 ? false : `needs ${missing.join(', ')}`;
}

/** Full path of a program that `unlessInstalled` let through. */
export function program(name: string): string {
  const path = finder.findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}
