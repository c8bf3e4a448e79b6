/** What the write commands with several statements have in common. */
import { MongoError } from '../errors.js';
import { type Arguments, flag } from './argument.js';
import { maxWriteBatch } from './limits.js';

export function isOrdered(args: Arguments): boolean {
  return !args.has('ordered') || flag(args, 'ordered');
}

export function checkBatch(count: number): void {
  if (count < 1 || count > maxWriteBatch) {
    throw new MongoError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${maxWriteBatch}. Got ${count} operations.`,
    );
  }
}
