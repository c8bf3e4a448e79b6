/**
 * A program: opens the store in the folder that it is given, and closes it. What LMDB does when a process opens the files puts
 * the number of the newest commit where writers look for it (`last-commit.ts`).
 */
import { createRequire } from 'node:module';
import { storeFormat } from './storage.js';

const lmdb = createRequire(import.meta.url)('lmdb') as typeof import('lmdb');

await lmdb.open(process.argv[2]!, { ...storeFormat, readOnly: true }).close();
