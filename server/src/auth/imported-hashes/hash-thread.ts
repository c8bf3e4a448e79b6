import { parentPort } from 'node:worker_threads';
import { isRight } from './check-hash.js';
import { readImportedHash } from './hash-formats.js';

/** The thread that checks imported hashes: one question, one answer, in order. Passwords stay in this process. */
export interface Question {
  readonly id: number;
  readonly stored: string;
  readonly password: Uint8Array;
}

export interface Answer {
  readonly id: number;
  readonly right: boolean;
}

parentPort?.on('message', ({ id, stored, password }: Question) => {
  const hash = readImportedHash(stored);
  const right = hash.kind !== 'refused' && hash.kind !== 'argon2' && isRight(hash, password);
  password.fill(0);
  parentPort?.postMessage({ id, right } satisfies Answer);
});
