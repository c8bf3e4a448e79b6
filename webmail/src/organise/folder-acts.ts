/**
 * What the reader does to folders. A change shows at once, and is taken back like any other; a folder that held mail comes back
 * with it. What the server refuses is answered with a key of `refusals`, for a sheet that is open to say, or is said in a notice.
 */
import type { SetError } from '@vaguemestre/shared/jmap/errors';
import type { Mailbox } from '@vaguemestre/shared/jmap/mailbox';
import { formatNumber } from '../i18n/format.js';
import { t } from '../i18n/text.svelte.js';
import type { EmailChange, EmailRow } from '../jmap/store/email-row.js';
import { folderAndBelow } from '../model/folder-tree.js';
import { mailboxOf } from '../model/view.js';
import { changeAll, changeWhere, takeBack } from '../state/bulk.svelte.js';
import { mail } from '../state/mail.svelte.js';
import { preferences } from '../state/preferences.svelte.js';
import { route } from '../state/route.svelte.js';
import { toasts } from '../state/toasts.svelte.js';
import { boxName } from '../state/view-name.js';
import { o } from './words/text.svelte.js';

export type Refusal = 'taken' | 'name' | 'parent' | 'forbidden' | 'tooMany' | 'gone' | 'failed';
type FolderPatch = Partial<Pick<Mailbox, 'name' | 'parentId' | 'isSubscribed'>>;

export function refusalOf(error: SetError): Refusal {
  if (error.type === 'alreadyExists') return 'taken';
  if (error.type === 'forbidden') return 'forbidden';
  if (error.type === 'overQuota' || error.type === 'tooLarge') return 'tooMany';
  if (error.type === 'notFound') return 'gone';
  if (error.type === 'invalidProperties') return error.properties?.includes('parentId') ? 'parent' : 'name';
  return 'failed';
}

function sayRefusal(refusal: Refusal | undefined): void {
  if (refusal !== undefined) toasts.say(o.text.refusals[refusal], { tone: 'trouble' });
}

export async function createFolder(name: string, parentId: string | null): Promise<Refusal | undefined> {
  try {
    const create = { new: { name, parentId, isSubscribed: true } };
    const asked = mail.store.client.call('Mailbox/set', { create }).result;
    const synced = mail.store.sync().catch(() => {});
    const answer = await asked;
    await synced;
    const id = answer.created?.['new']?.id;
    if (id === undefined) return answer.notCreated?.['new'] ? refusalOf(answer.notCreated['new']) : 'failed';
    toasts.say(o.text.created(name), { icon: 'move', undo: () => void destroyFolders([id]).then(sayRefusal) });
    return undefined;
  } catch {
    return 'failed';
  }
}

/** Shown while the server is asked. */
async function changeFolder(id: string, patch: FolderPatch): Promise<Refusal | undefined> {
  const { mailboxes, client } = mail.store;
  const token = {};
  mailboxes.overlay(token, id, (box) => ({ ...box, ...patch }));
  try {
    const asked = client.call('Mailbox/set', { update: { [id]: patch } }, { repeatable: true }).result;
    // In the same request: the answer then brings what the change made of the folder.
    const synced = mail.store.sync().catch(() => {});
    const answer = await asked;
    await synced;
    const error = answer.notUpdated?.[id];
    return error == null ? undefined : refusalOf(error);
  } catch {
    return 'failed';
  } finally {
    mailboxes.settle(token);
  }
}

async function changeAndSay(box: Mailbox, patch: FolderPatch, said: string): Promise<Refusal | undefined> {
  const back = Object.fromEntries(Object.keys(patch).map((key) => [key, box[key as keyof FolderPatch]])) as FolderPatch;
  const refusal = await changeFolder(box.id, patch);
  if (refusal === undefined) {
    toasts.say(said, {
      icon: 'move',
      undo: () => void changeFolder(box.id, back).then(sayRefusal),
    });
  }
  return refusal;
}

export async function renameFolder(box: Mailbox, name: string): Promise<Refusal | undefined> {
  return name === box.name ? undefined : changeAndSay(box, { name }, o.text.renamed(name));
}

/** null: to the top level. */
export async function moveFolder(box: Mailbox, parentId: string | null): Promise<void> {
  if (parentId === box.parentId) return;
  const parent = parentId === null ? undefined : mail.store.mailboxes.get(parentId);
  const said = parent === undefined ? o.text.movedUp(box.name) : o.text.moved(box.name, boxName(parent));
  sayRefusal(await changeAndSay(box, { parentId }, said));
}

/** Whether the side bar, and mail programs that ask, show it. */
export async function showFolder(box: Mailbox, shown: boolean): Promise<void> {
  const said = shown ? o.text.shown(box.name) : o.text.hidden(box.name);
  sayRefusal(await changeAndSay(box, { isSubscribed: shown }, said));
}

export async function readAll(box: Mailbox): Promise<void> {
  try {
    const filter = { operator: 'AND', conditions: [{ inMailbox: box.id }, { notKeyword: '$seen' }] } as const;
    const inverse = await changeWhere(filter, () => ({ keywords: { $seen: true } }));
    await mail.store.sync();
    if (inverse.size === 0) toasts.say(o.text.allRead, { forMs: 3000 });
    else toasts.say(t.text.toasts.read(inverse.size), { icon: 'read', undo: () => void takeBack(inverse) });
  } catch {
    sayRefusal('failed');
  }
}

export function whatFalls(box: Mailbox): { readonly folders: number; readonly messages: number } {
  const tree = folderAndBelow(box.id, mail.store.mailboxes.all());
  return { folders: tree.length - 1, messages: tree.reduce((sum, one) => sum + one.totalEmails, 0) };
}

async function destroyFolders(ids: readonly string[]): Promise<Refusal | undefined> {
  try {
    const asked = mail.store.client.call('Mailbox/set', { destroy: [...ids] }, { repeatable: true }).result;
    const synced = mail.store.sync().catch(() => {});
    const answer = await asked;
    await synced;
    // Gone is gone.
    const error = Object.values(answer.notDestroyed ?? {}).find((one) => one.type !== 'notFound');
    return error === undefined ? undefined : refusalOf(error);
  } catch {
    return 'failed';
  }
}

/** Its mail goes to the trash, the folders below it go with it. */
export async function removeFolder(box: Mailbox): Promise<void> {
  const trash = mail.store.mailboxOf('trash');
  const tree = folderAndBelow(box.id, mail.store.mailboxes.all());
  const inverse = new Map<string, EmailChange>();
  const away = (from: string) => (row: EmailRow) => {
    const elsewhere = Object.keys(row.mailboxIds).some((id) => id !== from);
    return { mailboxes: { [from]: false, ...(elsewhere || trash === undefined ? {} : { [trash.id]: true }) } };
  };
  try {
    for (const one of tree) {
      if (one.totalEmails === 0) continue;
      if (trash === undefined) throw new Error('nowhere to put the mail');
      for (const [id, change] of await changeWhere({ inMailbox: one.id }, away(one.id))) {
        inverse.set(id, { mailboxes: { ...change.mailboxes, ...inverse.get(id)?.mailboxes } });
      }
    }
  } catch {
    sayRefusal('failed');
    await takeBack(inverse);
    return;
  }
  const here = mailboxOf(route.place.view, mail.store.mailboxes.all())?.id;
  const refusal = await destroyFolders(tree.map(({ id }) => id));
  if (refusal !== undefined) {
    sayRefusal(refusal);
    return;
  }
  if (tree.some(({ id }) => id === here)) route.open({ kind: 'role', role: 'inbox' });
  const shown = formatNumber(preferences.language, inverse.size);
  toasts.say(inverse.size === 0 ? o.text.removed(box.name) : o.text.removedWith(box.name, inverse.size, shown), {
    icon: 'trash',
    undo: () => void bringBack(tree, inverse),
  });
}

/** The same folders under new ids, and the mail that was in them. */
async function bringBack(tree: readonly Mailbox[], inverse: ReadonlyMap<string, EmailChange>): Promise<void> {
  const made = new Set(tree.map(({ id }) => id));
  const create = Object.fromEntries(
    tree.map(({ id, name, parentId, isSubscribed, sortOrder }) => {
      const parent = parentId !== null && made.has(parentId) ? `#${parentId}` : parentId;
      return [id, { name, parentId: parent, isSubscribed, sortOrder }];
    }),
  );
  try {
    const answer = await mail.store.client.call('Mailbox/set', { create }).result;
    const [error] = Object.values(answer.notCreated ?? {});
    if (error !== undefined) return sayRefusal(refusalOf(error));
    const idNow = (id: string): string => answer.created?.[id]?.id ?? id;
    await changeAll([...inverse.keys()], (row) => {
      const back = Object.entries(inverse.get(row.id)?.mailboxes ?? {});
      return { mailboxes: Object.fromEntries(back.map(([id, on]) => [idNow(id), on])) };
    });
    await mail.store.sync();
    toasts.say(t.text.undone, { forMs: 3000 });
  } catch {
    sayRefusal('failed');
  }
}
