/**
 * The built webmail on disk. Names of assets carry a hash of their content, so browsers keep them for a year; pages are asked
 * for again every time. Each text file has compressed twins made by the build: nothing is compressed twice.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { Log } from '../../kernel/log.js';
import { webmailPolicy } from '../security-headers.js';

export interface WebmailFiles {
  readonly folder: string;
  /** Address of the sign-in page's style sheet. */
  readonly signInStyle: string | undefined;
  /** Address of the script of the page for passkeys. */
  readonly passkeyScript: string | undefined;
}

/** Undefined when it is not built: mail programs can be served all the same. */
export function findWebmail(folder: string, log: Log): WebmailFiles | undefined {
  if (existsSync(join(folder, 'index.html'))) {
    return {
      folder,
      signInStyle: builtName(folder, 'src/sign-in/sign-in.css'),
      passkeyScript: builtName(folder, 'src/sign-in/passkey.ts'),
    };
  }
  log.warn({ folder }, 'the webmail is not built: npm run build');
  return undefined;
}

/** The name that the build gave to a source file. */
function builtName(folder: string, source: string): string | undefined {
  const manifest = join(folder, '.vite/manifest.json');
  if (!existsSync(manifest)) return undefined;
  const entries = JSON.parse(readFileSync(manifest, 'utf8')) as Readonly<Record<string, { readonly file: string }>>;
  const file = entries[source]?.file;
  return file === undefined ? undefined : `/${file}`;
}

/** Each file that is there when the service starts gets a route of its own: no other path reaches the disk. */
export async function serveFiles(app: FastifyInstance, { folder }: WebmailFiles): Promise<void> {
  const assets = join(folder, 'assets');
  let serving = true;
  app.addHook('onRoute', (route) => {
    if (serving) route.config = { ...route.config, forAnybody: true };
  });
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    index: false,
    globIgnore: ['**/*.br', '**/*.gz', 'index.html'],
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const kept = path.startsWith(assets);
      reply.setHeader('cache-control', kept ? 'public, max-age=31536000, immutable' : 'no-cache');
      reply.setHeader('vary', 'accept-encoding');
      // Workers live under the policy that their script came with.
      reply.setHeader('content-security-policy', webmailPolicy);
    },
  });
  serving = false;
}
