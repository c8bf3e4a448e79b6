/**
 * A process that opens the files of a store and closes them, again and again, until it is told to stop: opening.test.ts. Without
 * a socket it does so as a program would that knows nothing of the server.
 */
import { createRequire } from 'node:module';
import { openCommittedReader } from '@vaguemestre/embedded';
import { storeFormat } from '@vaguemestre/embedded/engine/storage';

const lmdb = createRequire(import.meta.url)('lmdb') as typeof import('lmdb');
const [folder, socket] = process.argv.slice(2) as [string, string | undefined];
let opened = 0;
let stopped = false;
process.on('message', () => {
  stopped = true;
});
process.on('disconnect', () => process.exit());
while (!stopped) {
  const reader =
    socket === undefined
      ? lmdb.open(folder, { ...storeFormat, readOnly: true })
      : await openCommittedReader(folder, socket);
  if (opened++ === 0) process.send?.(0);
  await reader.close();
  await new Promise((resolve) => setImmediate(resolve));
}
process.send?.(opened, () => process.exit());
