/**
 * The secret by which the relay proves itself over LMTP (AUTH PLAIN as `relay`): `lmtp.secret` in the data folder, readable by
 * its owner alone, made at the first start. It is read once; who changes it restarts the service.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const relayIdentity = 'relay';

/** The secret of `folder`; several processes may call this at once. Throws when the file is there and empty. */
export async function ensureLmtpSecret(folder: string): Promise<string> {
  const path = join(folder, 'lmtp.secret');
  const fresh = randomBytes(32).toString('base64url');
  // Linked in its place when it is whole: a worker that starts at the same time never reads half of it.
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(temporary, `${fresh}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    await link(temporary, path);
    return fresh;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(temporary);
  }
  const secret = (await readFile(path, 'utf8')).trim();
  if (secret === '') throw new Error(`${path} is empty: remove it, and a new one is made`);
  return secret;
}

/** In a time that tells nothing of either, lengths included. */
export function isSecret(given: Uint8Array, secret: string): boolean {
  const digest = (octets: Uint8Array | string): Buffer => createHash('sha256').update(octets).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
