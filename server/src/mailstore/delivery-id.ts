import { createHash } from 'node:crypto';

/**
 * 12 octets of SHA-256 over ENVID, recipient and content (store design 2.5): the same hand-over has the same id, whoever
 * makes it. The parts are separated by their lengths, so that no two sets of parts give the same octets.
 */
export function deliveryId(envid: string, account: string, contentHash: Uint8Array): Uint8Array {
  const hash = createHash('sha256');
  for (const part of [Buffer.from(envid), Buffer.from(account), contentHash]) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(part.length);
    hash.update(length).update(part);
  }
  return hash.digest().subarray(0, 12);
}
