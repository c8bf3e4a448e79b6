import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSelfSigned } from '@vaguemestre/server/net/self-signed';
import { createTlsContext, type TlsContext, type TlsFiles } from '@vaguemestre/server/net/tls-context';

/** A certificate of its own in a folder of its own, for a test. */
export async function temporaryTls(): Promise<{
  readonly context: TlsContext;
  readonly files: TlsFiles;
  remove(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'vaguemestre-tls-'));
  const files = await ensureSelfSigned(folder);
  return {
    files,
    context: await createTlsContext(files),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
