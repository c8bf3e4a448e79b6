/** Parts of the webmail as one script for a browser, without the rest of it. */
import { join } from 'node:path';
import { build } from 'vite';
import { checkout } from './programs.js';

/** `source` is a module; `@/` stands for the sources of the webmail. */
export async function bundleWebmail(source: string): Promise<string> {
  const entry = 'virtual:entry';
  const result = await build({
    root: join(checkout, 'webmail'),
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '@': join(checkout, 'webmail/src') } },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? `\0${entry}` : undefined),
        load: (id) => (id === `\0${entry}` ? source : undefined),
      },
    ],
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      rollupOptions: { input: entry, output: { format: 'iife' } },
    },
  });
  const output = Array.isArray(result) ? result[0] : result;
  if (!output || !('output' in output)) throw new Error('nothing was built');
  return output.output[0].code;
}
