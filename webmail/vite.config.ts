import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { staticIcons } from './static-icons.js';

/** Compressed twins of every text file, made once as small as can be: the server then sends them as they are. */
function compressedTwins(): Plugin {
  let folder = '';
  return {
    name: 'compressed-twins',
    apply: 'build',
    configResolved: (config) => {
      folder = config.build.outDir;
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(css|html|js|svg|webmanifest)$/.test(name)) continue;
        const octets = readFileSync(join(folder, name));
        // What fits in one packet gains nothing.
        if (octets.length < 1_000) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(octets, { params }));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(octets, { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}

/** The script that has to run before the first paint: a file of its own, since the policy allows nothing inline. */
function lookFirst(): Plugin {
  const source = readFileSync(join(import.meta.dirname, 'look-first.js'), 'utf8').replace(/^\/\*\*.*?\*\/\n/s, '');
  const name = `assets/look-${createHash('sha256').update(source).digest('base64url').slice(0, 8)}.js`;
  return {
    name: 'look-first',
    apply: 'build',
    buildStart() {
      this.emitFile({ type: 'asset', fileName: name, source });
    },
    transformIndexHtml: () => [{ tag: 'script', attrs: { src: `/${name}` }, injectTo: 'head-prepend' }],
  };
}

type ModuleInfo = (id: string) => { readonly importedIds: readonly string[] } | null;

/** What a page needs before it runs: everything its entry reaches without an `import()`, but for itself. Walked once a build. */
function reachable(entry: string): (id: string, moduleInfo: ModuleInfo) => boolean {
  const start = join(import.meta.dirname, entry);
  let seen: Set<string> | undefined;
  return (id, moduleInfo) => {
    if (seen === undefined) {
      seen = new Set([start]);
      for (const one of seen) for (const next of moduleInfo(one)?.importedIds ?? []) seen.add(next);
    }
    return seen.has(id) && id !== start;
  };
}

const inMail = reachable('src/main.ts');
const inSetUp = reachable('src/setup/main.ts');

/**
 * What comes at once comes as one: fifty chunks compress a tenth worse than one, and each costs a request. What the set-up page
 * needs as well lies apart, so that it does not load the mail.
 */
function firstChunk(id: string, context: { getModuleInfo: ModuleInfo }): string | null {
  const moduleInfo: ModuleInfo = (one) => context.getModuleInfo(one);
  if (!inMail(id, moduleInfo)) return null;
  return inSetUp(id, moduleInfo) ? 'base' : 'mail';
}

const workerName = 'sw.js';

/** The service worker is told what it has to keep when everything is made: all that the webmail page may ask for. */
function workerFiles(): Plugin {
  let folder = '';
  return {
    name: 'worker-files',
    apply: 'build',
    configResolved: (config) => {
      folder = config.build.outDir;
    },
    closeBundle() {
      const assets = readdirSync(join(folder, 'assets'))
        .filter((name) => /\.(css|js|svg)$/.test(name) && !/^(setup|sign-in|passkey)-/.test(name))
        .sort();
      const files = [...assets.map((name) => `/assets/${name}`), '/mark.svg', '/frame'];
      const file = join(folder, workerName);
      const source = readFileSync(file, 'utf8');
      const page = readFileSync(join(folder, 'index.html'));
      const version = createHash('sha256').update(page).update(source).update(files.join()).digest('hex').slice(0, 12);
      writeFileSync(
        file,
        `const webmailVersion = '${version}';\nconst webmailFiles = ${JSON.stringify(files)};\n${source}`,
      );
    },
  };
}

export default defineConfig({
  plugins: [staticIcons(), svelte(), lookFirst(), workerFiles(), compressedTwins()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    // The Content-Security-Policy allows no inline script, style or data: URL, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The server finds the style sheet of the page that it renders itself.
    manifest: true,
    rolldownOptions: {
      input: {
        index: 'index.html',
        setup: 'setup.html',
        'sign-in': 'src/sign-in/sign-in.css',
        passkey: 'src/sign-in/passkey.ts',
        worker: 'src/worker/service-worker.ts',
      },
      output: {
        // A worker's scope is the folder of its script, and its name stays the same.
        entryFileNames: ({ name }) => (name === 'worker' ? workerName : 'assets/[name]-[hash].js'),
        codeSplitting: { groups: [{ name: firstChunk }] },
      },
      // Whoever starts the service need not read how long each step of the build took.
      checks: { pluginTimings: false },
    },
  },
});
