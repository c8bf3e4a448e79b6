/** What can be done to a mailbox or a label, for its menu in the side bar and, of the one that is open, for the palette. */
import type { Mailbox } from '@vaguemestre/shared/jmap/mailbox';
import { t } from '../../i18n/text.svelte.js';
import type { Command } from '../../keys/commands.js';
import type { Label } from '../../model/labels.js';
import { mailboxOf } from '../../model/view.js';
import { dialogs } from '../../state/dialogs.svelte.js';
import { labels } from '../../state/labels.svelte.js';
import { mail } from '../../state/mail.svelte.js';
import { organise } from '../../state/organise.js';
import { route } from '../../state/route.svelte.js';
import { boxName } from '../../state/view-name.js';
import type { MenuItem } from '../../ui/Menu.svelte';

interface Act extends Omit<MenuItem, 'run'> {
  readonly enabled?: boolean;
  readonly run: () => void;
}

export function removeBox(box: Mailbox): void {
  // Nothing is lost: it goes at once, and comes back by undo.
  const isBare = box.totalEmails === 0 && !mail.store.mailboxes.all().some((one) => one.parentId === box.id);
  if (isBare) organise(({ folderActs }) => folderActs.removeFolder(box));
  else dialogs.ask('removeFolder', box.id);
}

function actsOfBox(box: Mailbox): readonly Act[] {
  const words = t.text.manage;
  const own = box.role === null;
  const { mayRename, mayDelete, mayCreateChild } = box.myRights;
  return [
    {
      id: 'readAll',
      words: words.readAll,
      enabled: box.unreadEmails > 0,
      run: () => organise(({ folderActs }) => folderActs.readAll(box)),
    },
    {
      id: 'newFolder',
      words: words.newFolderIn,
      enabled: own && mayCreateChild,
      run: () => dialogs.ask('newFolder', box.id),
    },
    {
      id: 'rename',
      words: words.rename,
      keys: 'F2',
      apart: true,
      enabled: own && mayRename,
      run: () => dialogs.ask('renameFolder', box.id),
    },
    { id: 'move', words: words.move, enabled: own && mayRename, run: () => dialogs.ask('moveFolder', box.id) },
    {
      id: 'show',
      words: box.isSubscribed ? words.hide : words.show,
      enabled: own,
      run: () => organise(({ folderActs }) => folderActs.showFolder(box, !box.isSubscribed)),
    },
    {
      id: 'remove',
      words: words.remove,
      danger: true,
      apart: true,
      enabled: own && mayDelete,
      run: () => removeBox(box),
    },
    {
      id: 'empty',
      words: box.role === 'junk' ? words.emptyJunk : words.emptyTrash,
      danger: true,
      apart: true,
      enabled: (box.role === 'trash' || box.role === 'junk') && box.totalEmails > 0,
      run: () => dialogs.ask(box.role === 'junk' ? 'emptyJunk' : 'emptyTrash'),
    },
  ];
}

function actsOfLabel(label: Label): readonly Act[] {
  const words = t.text.manage;
  const at = labels.all.findIndex((one) => one.keyword === label.keyword);
  const { keyword, hidden = false } = label;
  return [
    { id: 'edit', words: words.editLabel, keys: 'F2', run: () => dialogs.ask('editLabel', keyword) },
    { id: 'up', words: words.up, apart: true, enabled: at > 0, run: () => labels.move(keyword, -1) },
    { id: 'down', words: words.down, enabled: at < labels.all.length - 1, run: () => labels.move(keyword, 1) },
    { id: 'show', words: hidden ? words.show : words.hide, run: () => labels.change(keyword, { hidden: !hidden }) },
    {
      id: 'remove',
      words: words.removeLabel,
      danger: true,
      apart: true,
      run: () => dialogs.ask('removeLabel', keyword),
    },
  ];
}

const possible = (acts: readonly Act[]): readonly MenuItem[] =>
  acts.filter((act) => act.enabled !== false).map(({ enabled: _, ...item }) => item);

export const boxMenu = (box: Mailbox): readonly MenuItem[] => possible(actsOfBox(box));
export const labelMenu = (label: Label): readonly MenuItem[] => possible(actsOfLabel(label));

/** About the view that is open; the palette finds them by these names in both languages. */
const names: Readonly<Record<string, readonly string[]>> = {
  readAll: ['tout lu', 'mark all read'],
  newFolder: ['sous-dossier', 'subfolder'],
  rename: ['renommer', 'rename'],
  move: ['déplacer le dossier', 'move folder'],
  show: ['masquer', 'afficher', 'hide', 'show', 'subscribe', 'abonner'],
  remove: ['supprimer', 'delete'],
  empty: ['vider', 'empty'],
  edit: ['étiquette', 'label', 'couleur', 'colour'],
};

export function folderCommands(): readonly Command[] {
  const { view } = route.place;
  const box = mailboxOf(view, mail.store.mailboxes.all());
  const label = view.kind === 'label' ? labels.of(view.keyword) : undefined;
  const acts = box !== undefined ? actsOfBox(box) : label !== undefined ? actsOfLabel(label) : [];
  const name = box === undefined ? label?.name : boxName(box);
  const news: readonly Command[] = (['newFolder', 'newLabel'] as const).map((id) => ({
    id: `page.${id}`,
    group: 'page',
    words: () => t.text[id],
    names: id === 'newFolder' ? ['dossier', 'folder'] : ['étiquette', 'label', 'tag'],
    run: () => dialogs.ask(id),
  }));
  return [
    ...news,
    ...acts.map(
      (act): Command => ({
        id: `here.${act.id}`,
        group: 'page',
        words: () => `${act.words.replace('…', '')}\u00a0: ${name}`,
        names: names[act.id] ?? [],
        enabled: () => act.enabled !== false,
        run: act.run,
        ...(act.danger === true && { danger: true }),
      }),
    ),
  ];
}
