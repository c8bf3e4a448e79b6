/** Mailboxes in the order of the side bar: those with a role first, then the reader's own folders as a tree. */
import type { Mailbox, MailboxRole } from '@vaguemestre/shared/jmap/mailbox';

export const sideBarRoles = ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash'] as const satisfies MailboxRole[];

export interface FolderNode {
  readonly box: Mailbox;
  readonly depth: number;
  readonly hasChildren: boolean;
}

/** Folders without a role, parents before their children; children of what is folded are left out. */
export function folderTree(
  mailboxes: readonly Mailbox[],
  isFolded: (id: string) => boolean,
  language: string,
): readonly FolderNode[] {
  const byName = new Intl.Collator(language, { numeric: true });
  const known = new Set(mailboxes.map((box) => box.id));
  const children = new Map<string | null, Mailbox[]>();
  for (const box of mailboxes) {
    const parent = box.parentId !== null && known.has(box.parentId) ? box.parentId : null;
    const siblings = children.get(parent) ?? [];
    siblings.push(box);
    children.set(parent, siblings);
  }
  const nodes: FolderNode[] = [];
  const seen = new Set<string>();
  const walk = (parent: string | null, depth: number): void => {
    const siblings = [...(children.get(parent) ?? [])];
    siblings.sort((a, b) => a.sortOrder - b.sortOrder || byName.compare(a.name, b.name));
    for (const box of siblings) {
      if (seen.has(box.id)) continue; // a parent of itself by some accident is shown once
      seen.add(box.id);
      const hasChildren = children.has(box.id);
      const isOwn = box.role === null;
      if (isOwn) nodes.push({ box, depth, hasChildren });
      if (!(isOwn && isFolded(box.id))) walk(box.id, isOwn ? depth + 1 : depth);
    }
  };
  walk(null, 0);
  return nodes;
}

/** `Projets / ANR` for a list where the tree is not seen. */
export function pathName(box: Mailbox, mailboxes: readonly Mailbox[], nameOf: (box: Mailbox) => string): string {
  const names = [nameOf(box)];
  let parentId = box.parentId;
  for (let depth = 0; parentId !== null && depth < 32; depth++) {
    const parent = mailboxes.find((one) => one.id === parentId);
    if (parent === undefined) break;
    names.unshift(nameOf(parent));
    parentId = parent.parentId;
  }
  return names.join(' / ');
}

/** The folder and everything below it, parents before their children. */
export function folderAndBelow(id: string, mailboxes: readonly Mailbox[]): readonly Mailbox[] {
  const found = mailboxes.filter((box) => box.id === id);
  // What is added is looked at in its turn; a parent of itself by some accident is there once.
  for (const parent of found) {
    for (const box of mailboxes) if (box.parentId === parent.id && !found.includes(box)) found.push(box);
  }
  return found;
}
