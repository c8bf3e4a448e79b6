#!/usr/bin/env node
/** The command `vaguemestre`. Committed as it is, so that npm can link it before anything is compiled. */
import { existsSync } from 'node:fs';
import module from 'node:module';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('vaguemestre: not built yet. Run "npm start" (or "npm run build") in the checkout once.\n');
  process.exit(69); // EX_UNAVAILABLE
}
// From Node.js 22 on, what was compiled once is kept for the next start.
module.enableCompileCache?.();
const { main: run } = await import(main.href);
await run(process.argv.slice(2), process.env);
