/**
 * Tells whether what is in node_modules is what package-lock.json asks for, for some of the workspaces. It compares npm's
 * own record (node_modules/.package-lock.json) with the packages that those workspaces reach, so an installation made by
 * hand counts, and a complete one is never thrown away for a smaller one. Node built-ins only: nothing is installed yet.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Where `name`, required by the package at `from`, lies: the nearest node_modules upwards that has it. */
function resolveIn(packages, from, name) {
  let at = from;
  for (;;) {
    const candidate = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (packages[candidate]) return candidate;
    if (at === '') return undefined;
    const nested = at.lastIndexOf('/node_modules/');
    // A workspace lies below the root folder by folder; an installed package below its parent's node_modules.
    at =
      nested >= 0
        ? at.slice(0, nested)
        : at.includes('node_modules/')
          ? ''
          : at.slice(0, Math.max(at.lastIndexOf('/'), 0));
  }
}

/** Every place under node_modules that the root and `workspaces` need, development dependencies of those included. */
export function packagesFor(lock, workspaces) {
  const { packages } = lock;
  const needed = new Set();
  const queue = ['', ...workspaces];
  const seen = new Set(queue);
  while (queue.length > 0) {
    const at = queue.pop();
    const entry = packages[at];
    if (!entry) continue;
    const isWorkspace = !at.includes('node_modules/');
    const optionalPeers = entry.peerDependenciesMeta ?? {};
    const names = [
      ...Object.keys(entry.dependencies ?? {}),
      ...Object.keys(entry.optionalDependencies ?? {}),
      ...Object.keys(entry.peerDependencies ?? {}).filter((name) => !optionalPeers[name]?.optional),
      ...(isWorkspace ? Object.keys(entry.devDependencies ?? {}) : []),
    ];
    for (const name of names) {
      const place = resolveIn(packages, at, name);
      if (!place) continue;
      needed.add(place);
      const target = packages[place].link ? packages[place].resolved : place;
      if (!seen.has(target)) {
        seen.add(target);
        queue.push(target);
      }
    }
  }
  return needed;
}

/** Why an installation for `workspaces` is needed, or undefined if all of it is there. */
export function missingFor(root, workspaces) {
  const record = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return 'nothing is installed yet';
  const wanted = readJson(join(root, 'package-lock.json'));
  const present = readJson(record).packages ?? {};
  for (const place of packagesFor(wanted, workspaces)) {
    const want = wanted.packages[place];
    const have = present[place];
    if (want.link) {
      if (!existsSync(join(root, place))) return `${place} is missing`;
      continue;
    }
    // Optional: one package a platform; npm leaves out those of the other platforms.
    if (want.optional && !have) continue;
    if (!have || !existsSync(join(root, place))) return `${place} is missing`;
    if (have.version !== want.version) return `${place} is ${have.version}, not ${want.version}`;
  }
  return undefined;
}

/** Whether more than `workspaces` need is installed: then a new installation must be of everything again. */
export function hasMoreThan(root, workspaces) {
  const record = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const needed = packagesFor(readJson(join(root, 'package-lock.json')), workspaces);
  const present = readJson(record).packages ?? {};
  return Object.entries(present).some(
    ([place, entry]) => place.includes('node_modules/') && !entry.link && !needed.has(place),
  );
}
