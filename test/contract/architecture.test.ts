/**
 * The directions in which modules may import each other, and that importing one does nothing. Read from the sources, so a
 * wrong import is found whoever compiles it.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { before, describe, it } from 'node:test';
import { checkout } from '../harness/programs.js';

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const serverSources = join(checkout, 'server/src');
const embeddedSources = join(checkout, 'server/embedded/src');
const sharedSources = join(checkout, 'shared/src');

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

const importForm = /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)';?/gm;
const dynamicForm = /\bimport\(\s*'([^']+)'\s*\)/g;

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found: Import[] = [];
  for (const match of text.matchAll(importForm)) {
    found.push({ file, specifier: match[2] ?? '', typeOnly: match[1] !== undefined });
  }
  for (const match of text.matchAll(dynamicForm)) found.push({ file, specifier: match[1] ?? '', typeOnly: false });
  return found;
}

/** `imap` of server/src/imap/commands/fetch.ts; `main` of main.ts and of what it is made of. */
function layerOf(file: string): string {
  const path = relative(serverSources, file).split(sep);
  return path.length === 1 ? 'main' : (path[0] ?? '');
}

const frontEnds = ['imap', 'pop3', 'lmtp', 'submission', 'managesieve', 'http', 'admin'];
const ground = ['codec', 'net', 'kernel'];

/** For each layer, the layers of server/src that it may import. Types are free to name any contract below. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  codec: ['kernel'],
  net: ['kernel'],
  config: ['kernel', 'net'],
  smtp: ground,
  database: ['kernel'],
  auth: [...ground, 'database'],
  mailstore: ['codec', 'kernel', 'database'],
  outbox: ['codec', 'kernel', 'database'],
  push: ['kernel', 'database', 'mailstore'],
  life: ['codec', 'kernel', 'database', 'mailstore', 'auth', 'outbox'],
  observe: ['net', 'kernel'],
  imap: [...ground, 'mailstore', 'auth', 'outbox', 'observe'],
  pop3: [...ground, 'mailstore', 'auth', 'outbox', 'observe'],
  lmtp: [...ground, 'smtp', 'mailstore', 'auth', 'outbox', 'observe'],
  submission: [...ground, 'smtp', 'mailstore', 'auth', 'outbox', 'observe'],
  managesieve: [...ground, 'mailstore', 'auth', 'outbox', 'observe'],
  http: [...ground, 'mailstore', 'auth', 'outbox', 'push', 'observe'],
  admin: [...ground, 'config', 'mailstore', 'auth', 'outbox', 'life', 'observe', 'database'],
};

/** Packages that one layer alone may know. */
const owners: Readonly<Record<string, readonly string[]>> = {
  mongodb: ['database'],
  '@vaguemestre/embedded': ['main'],
  lmdb: [],
  bson: ['database'],
  fastify: ['http'],
  '@fastify/static': ['http'],
  '@fastify/cookie': ['http'],
  '@node-rs/argon2': ['auth'],
  imapflow: ['admin'],
  'prom-client': ['observe', 'main'],
  pino: ['kernel'],
  'smol-toml': ['config'],
  'node:cluster': ['main'],
};

let serverFiles: string[];
before(() => {
  serverFiles = sourcesBelow(serverSources);
});

/** The house number is 350 lines; beyond this one a file is two files, whatever its reasons. */
const mostLines = 500;

const shown = (file: string): string => relative(checkout, file);

describe('the architecture', () => {
  it('lets imports run one way', () => {
    const wrong: string[] = [];
    for (const file of serverFiles) {
      const layer = layerOf(file);
      if (layer === 'main') continue;
      const may = allowed[layer];
      assert.ok(may, `${layer} is a new layer: say here what it may import`);
      for (const { specifier, typeOnly } of importsOf(file)) {
        if (!specifier.startsWith('.')) continue;
        const target = layerOf(resolve(dirname(file), specifier));
        if (target === layer || may.includes(target)) continue;
        // A contract may name the types of another: auth names a peer of net, database an id of auth.
        if (typeOnly && !frontEnds.includes(target) && target !== 'main') continue;
        wrong.push(`${shown(file)} imports ${specifier}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('keeps front ends apart, and away from the database', () => {
    const wrong: string[] = [];
    for (const file of serverFiles) {
      const layer = layerOf(file);
      if (!frontEnds.includes(layer) || layer === 'admin') continue;
      for (const { specifier, typeOnly } of importsOf(file)) {
        if (!specifier.startsWith('.')) continue;
        const target = layerOf(resolve(dirname(file), specifier));
        if (target === layer) continue;
        if (frontEnds.includes(target) || (target === 'database' && !typeOnly))
          wrong.push(`${shown(file)} imports ${specifier}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('gives each costly package one owner', () => {
    const wrong: string[] = [];
    for (const file of serverFiles) {
      for (const { specifier } of importsOf(file)) {
        const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0];
        const owning = owners[specifier] ?? owners[name ?? ''];
        if (owning && !owning.includes(layerOf(file))) wrong.push(`${shown(file)} imports ${specifier}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('keeps the codecs pure: no sockets, files, timers, processes', () => {
    const impure = /^node:(net|tls|fs|timers|http|https|dgram|child_process|cluster|worker_threads|dns)/;
    const wrong = serverFiles
      .filter((file) => layerOf(file) === 'codec')
      .flatMap(importsOf)
      .filter(({ specifier }) => impure.test(specifier))
      .map(({ file, specifier }) => `${shown(file)} imports ${specifier}`);
    assert.deepEqual(wrong, []);
  });

  it('keeps the embedded store free of mail, and what is shared free of the server', () => {
    const wrong: string[] = [];
    for (const folder of [embeddedSources, sharedSources]) {
      for (const file of sourcesBelow(folder)) {
        for (const { specifier } of importsOf(file)) {
          const outside = specifier.startsWith('.') && !resolve(dirname(file), specifier).startsWith(folder);
          if (outside || specifier.startsWith('@vaguemestre/')) wrong.push(`${shown(file)} imports ${specifier}`);
          if (folder === sharedSources && specifier.startsWith('node:'))
            wrong.push(`${shown(file)} imports ${specifier}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('knows no circle of modules', () => {
    const graph = new Map<string, string[]>();
    for (const file of serverFiles) {
      const targets = importsOf(file)
        .filter(({ specifier, typeOnly }) => specifier.startsWith('.') && !typeOnly)
        .map(({ specifier }) => resolve(dirname(file), specifier).replace(/\.js$/, '.ts'))
        .filter((target) => existsSync(target));
      graph.set(file, targets);
    }
    const done = new Set<string>();
    const onPath: string[] = [];
    const circles: string[] = [];
    const visit = (file: string): void => {
      if (done.has(file)) return;
      const at = onPath.indexOf(file);
      if (at >= 0) {
        circles.push(onPath.slice(at).concat(file).map(shown).join(' -> '));
        return;
      }
      onPath.push(file);
      for (const target of graph.get(file) ?? []) visit(target);
      onPath.pop();
      done.add(file);
    };
    for (const file of serverFiles) visit(file);
    assert.deepEqual(circles, []);
  });

  it('reads the environment and ends the process in main alone', () => {
    const wrong: string[] = [];
    for (const file of serverFiles) {
      if (layerOf(file) === 'main') continue;
      const text = readFileSync(file, 'utf8');
      if (/\bprocess\.env\b/.test(text)) wrong.push(`${shown(file)} reads process.env`);
      if (/\bprocess\.exit\(/.test(text)) wrong.push(`${shown(file)} calls process.exit`);
    }
    assert.deepEqual(wrong, []);
  });

  it('has no barrel, default export, enum or dumping ground', () => {
    const wrong: string[] = [];
    for (const file of [...serverFiles, ...sourcesBelow(embeddedSources), ...sourcesBelow(sharedSources)]) {
      const name = file.slice(file.lastIndexOf(sep) + 1);
      const text = readFileSync(file, 'utf8');
      if (/^(utils?|helpers?|types|manager|common|misc)\.ts$/.test(name)) wrong.push(`${shown(file)}: says nothing`);
      if (!/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(name)) wrong.push(`${shown(file)}: not in kebab-case`);
      if (name === 'index.ts' && !file.startsWith(embeddedSources)) wrong.push(`${shown(file)}: a barrel`);
      if (/^export default\b/m.test(text)) wrong.push(`${shown(file)}: default export`);
      if (/^\s*(export\s+)?(const\s+)?enum\s/m.test(text)) wrong.push(`${shown(file)}: enum`);
    }
    assert.deepEqual(wrong, []);
  });

  it('keeps files at a size that is read at once', () => {
    const long = [...serverFiles, ...sourcesBelow(embeddedSources), ...sourcesBelow(sharedSources)]
      .map((file) => [shown(file), readFileSync(file, 'utf8').split('\n').length] as const)
      .filter(([, lines]) => lines > mostLines);
    assert.deepEqual(long, []);
  });

  it('does nothing when a module is imported', async () => {
    const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'uncaughtException', 'unhandledRejection'];
    const listening = () => signals.reduce((sum, name) => sum + process.listenerCount(name), 0);
    const before = listening();
    const handles = () =>
      process
        .getActiveResourcesInfo()
        .filter((one) => !/^(TTYWrap|PipeWrap|FSReqPromise|Immediate|MessagePort)$/.test(one)).length;
    const held = handles();
    for (const file of serverFiles) {
      const compiled = join(checkout, 'server/dist', relative(serverSources, file)).replace(/\.ts$/, '.js');
      if (existsSync(compiled)) await import(compiled);
    }
    assert.equal(listening(), before, 'a module listens to the process when it is imported');
    assert.ok(
      handles() <= held,
      `a module holds something when it is imported: ${process.getActiveResourcesInfo().join(', ')}`,
    );
  });
});
