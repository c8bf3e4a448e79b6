/**
 * Sees to it that every transaction builds on the one before it.
 *
 * LMDB keeps the number of the newest commit in its lock file, which all processes share, and a writer begins from what stands
 * there. A process that opens the files, be it only to read, first looks up the newest commit and a little later writes its
 * number into the lock file (`mdb_env_open2`; mended upstream as ITS#9496, but not in the version that the binding carries).
 * If a commit falls in between, the number goes back: the next transaction would begin from the commit before, and what was
 * committed in between, and acknowledged, would be gone as if it had never been.
 *
 * So processes that know of each other open the files while no commit is under way (`Storage.hold`), and for all others the
 * number of every transaction is compared with the files before anything is written in it. One that is wrong is given up,
 * nothing lost; a process of its own then opens the files once, which puts the right number back.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RootDatabase } from 'lmdb';

/** This transaction would undo a commit. */
export class StaleBase extends Error {
  override readonly name = 'StaleBase';
}

export interface Commits {
  /** At the beginning of a transaction: its number. Throws StaleBase. */
  begin(): number;
  /** The transaction with this number is committed. */
  done(number: number): void;
  /** After StaleBase: resolves when the number is right again, rejects when it cannot be put right. */
  mend(): Promise<void>;
}

const mendMs = 10_000;
/** Were the number wrong that often in a row, something else would be the matter. */
const mostMends = 20;

export function followCommits(
  root: RootDatabase<Buffer, Buffer>,
  directory: string,
  log: (level: 'warn' | 'error', text: string, detail?: unknown) => void,
): Commits {
  /** What the files say, from the pages that make a commit current. */
  const newest = (): number => (root.getStats() as { lastTxnId: number }).lastTxnId;
  let last = newest();
  let mends = 0;
  return {
    begin() {
      const number = root.getWriteTxnId();
      if (number === last + 1) return number;
      // A transaction that changed nothing took no number.
      last = newest();
      if (number === last + 1) return number;
      throw new StaleBase(`transaction ${number} behind commit ${last}`);
    },
    done(number) {
      last = number;
      mends = 0;
    },
    async mend() {
      mends++;
      log('error', 'another process opened the files of the store during a commit; nothing is lost', `commit ${last}`);
      if (mends > mostMends) throw new Error('Commit failed: the files of the store are opened again and again');
      await openOnce(directory);
    },
  };
}

function openOnce(directory: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const program = fileURLToPath(new URL('./open-once.js', import.meta.url));
    const child = spawn(process.execPath, [program, directory], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: mendMs,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < 2000) said += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`Commit failed: the store could not be opened beside its server: ${said}`));
    });
  });
}
