/** A certificate for names of the outside, for hosts that a test plays on this machine. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSelfSigned } from '@vaguemestre/server/net/self-signed';
import { createTlsContext, type TlsContext } from '@vaguemestre/server/net/tls-context';

export interface NamedCertificate {
  /** PEM: it is its own authority. */
  readonly cert: string;
  readonly key: string;
  readonly context: TlsContext;
  remove(): Promise<void>;
}

export async function certificateFor(...names: string[]): Promise<NamedCertificate> {
  const folder = await mkdtemp(join(tmpdir(), 'vaguemestre-cert-'));
  const { cert, key } = makeSelfSigned(names);
  const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  await writeFile(files.certFile, cert);
  await writeFile(files.keyFile, key);
  return {
    cert,
    key,
    context: await createTlsContext(files),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
