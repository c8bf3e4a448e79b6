import type { MailDatabase } from '../../database/database.js';
import type { RootDocument } from '../../database/documents.js';

const maxAttempts = 8;

/**
 * Compares and sets the root of an account, again when somebody else was first (store design 4.2). `change` gives the new root, or
 * undefined when there is nothing to do any more. Resolves with the root that took effect.
 */
export async function changeRoot(
  database: MailDatabase,
  account: string,
  change: (root: RootDocument) => RootDocument | undefined,
): Promise<RootDocument | undefined> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const root = await database.roots.get(account);
    const changed = root && change(root);
    if (root === undefined || changed === undefined) return undefined;
    const next = { ...changed, g: root.g + 1 };
    if (await database.roots.replace(next, root.g)) return next;
  }
  return undefined;
}
