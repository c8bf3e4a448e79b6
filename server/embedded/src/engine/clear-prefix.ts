/** Deletes every entry of a tree under a prefix; part of the write job it is called in. */
import { prefixEnd } from './index-keys.js';
import type { Storage, TreeName } from './storage.js';

const keysAtOnce = 2000;

export function clearPrefix(storage: Storage, tree: TreeName, prefix: Buffer): void {
  const to = prefixEnd(prefix);
  for (;;) {
    // In portions: nothing is to be deleted while the tree is being walked.
    const keys: Buffer[] = [];
    const entries = storage.scan(tree, { from: prefix, to, keysOnly: true });
    for (let step = entries.next(); !step.done && keys.length < keysAtOnce; step = entries.next()) {
      keys.push(Buffer.from(step.value.key));
    }
    entries.return?.();
    if (keys.length === 0) return;
    for (const key of keys) storage.delete(tree, key);
  }
}
