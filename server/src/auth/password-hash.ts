import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { createImportedHashes } from './imported-hashes/imported-hashes.js';
import type { WorkLane, WorkQueue } from './work-queue.js';

/**
 * Password hashing: argon2id with the parameters OWASP gives as its first choice for a server (19 MiB, 2 passes, one lane;
 * 6 to 10 ms of one core). The parameters stand in every hash, so raising them here makes old hashes `outdated` and each is
 * renewed at its owner's next login; so is a hash that was brought along from elsewhere. The work runs on other threads, behind a
 * bounded queue.
 */
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;
const parameterText = '$argon2id$v=19$m=19456,t=2,p=1$';

export interface PasswordHasher {
  hash(password: Uint8Array): Promise<string>;
  /** Undefined hash: nobody; takes as long as a wrong password and is false. */
  verify(stored: string | undefined, password: Uint8Array, lane: WorkLane): Promise<boolean>;
  outdated(stored: string): boolean;
}

export function createPasswordHasher(queue: WorkQueue): PasswordHasher {
  // Verified for strangers, so that the time of an answer does not tell whether an address exists.
  let nobody: Promise<string> | undefined;
  const imported = createImportedHashes();
  return {
    hash: (password) => hash(password, parameters),
    async verify(stored, password, lane) {
      nobody ??= hash(randomBytes(32), parameters);
      const against = stored ?? (await nobody);
      const right = await queue.run(lane, () =>
        against.startsWith('$argon2') ? verify(against, password) : imported.verify(against, password),
      );
      return right && stored !== undefined;
    },
    outdated: (stored) => !stored.startsWith(parameterText),
  };
}
