/** Commands of the list: movement, choice, and what is done to messages. */
import { t } from '../../i18n/text.svelte.js';
import type { Command } from '../../keys/commands.js';
import { acts } from '../../state/acts.svelte.js';
import { dialogs } from '../../state/dialogs.svelte.js';
import { list } from '../../state/list.svelte.js';
import { route } from '../../state/route.svelte.js';
import { screen } from '../../state/screen.svelte.js';
import { toasts } from '../../state/toasts.svelte.js';

export interface ListPane {
  toTop(): void;
  reveal(index: number): void;
  focus(): void;
}

export function listCommands(pane: ListPane): readonly Command[] {
  const words = (): typeof t.text.commands => t.text.commands;

  function move(by: number): void {
    const id = list.move(by);
    pane.reveal(list.cursorIndex);
    if (id === undefined) return;
    if (route.place.thread !== undefined || screen.wide) list.open(id, { replace: route.place.thread !== undefined });
  }

  function extend(by: number): void {
    const from = list.cursor;
    if (from !== undefined && list.chosen.size === 0) list.toggle(from);
    const id = list.move(by);
    if (id === undefined) return;
    list.extendTo(id);
    pane.reveal(list.cursorIndex);
  }

  const isIn = (role: string): boolean => acts.viewRole() === role;
  const hasRows = (): boolean => (list.query?.total ?? 0) > 0;

  return [
    {
      id: 'mail.archive',
      group: 'message',
      keys: ['e'],
      words: () => words().archive,
      names: ['archiver', 'archive', 'done'],
      enabled: () => acts.hasTargets() && !isIn('archive'),
      run: acts.archive,
    },
    {
      id: 'mail.trash',
      group: 'message',
      keys: ['#', 'Delete'],
      words: () => (isIn('trash') ? words().destroy : words().trash),
      names: ['supprimer', 'corbeille', 'delete', 'trash'],
      enabled: acts.hasTargets,
      run: () => (isIn('trash') ? dialogs.ask('destroy') : acts.trash()),
      danger: true,
    },
    {
      id: 'mail.read',
      group: 'message',
      keys: ['Shift+i'],
      words: () => words().read,
      names: ['lu', 'read'],
      enabled: () => acts.hasTargets() && acts.wouldRead,
      run: () => acts.markRead(true),
    },
    {
      id: 'mail.unread',
      group: 'message',
      keys: ['Shift+u'],
      words: () => words().unread,
      names: ['non lu', 'unread'],
      enabled: () => acts.hasTargets() && (list.everything || !acts.wouldRead),
      run: () => acts.markRead(false),
    },
    {
      id: 'mail.toggleRead',
      group: 'message',
      words: () => (acts.wouldRead ? words().read : words().unread),
      enabled: acts.hasTargets,
      run: () => acts.markRead(acts.wouldRead),
      unlisted: true,
    },
    {
      id: 'mail.flag',
      group: 'message',
      keys: ['s'],
      words: () => (acts.wouldFlag ? words().flag : words().unflag),
      names: ['suivre', 'drapeau', 'étoile', 'flag', 'star'],
      enabled: acts.hasTargets,
      run: () => acts.flag(acts.wouldFlag),
    },
    {
      id: 'mail.junk',
      group: 'message',
      keys: ['!'],
      words: () => (isIn('junk') ? words().notJunk : words().junk),
      names: ['indésirable', 'pourriel', 'spam', 'junk'],
      enabled: acts.hasTargets,
      run: () => (isIn('junk') ? acts.notJunk() : acts.junk()),
    },
    {
      id: 'mail.phishing',
      group: 'message',
      words: () => words().phishing,
      names: ['hameçonnage', 'arnaque', 'escroquerie', 'signaler', 'phishing', 'scam', 'report'],
      enabled: acts.hasTargets,
      run: acts.phishing,
    },
    {
      id: 'mail.move',
      group: 'message',
      keys: ['v'],
      words: () => words().move,
      names: ['déplacer', 'ranger', 'dossier', 'move', 'folder'],
      enabled: acts.hasTargets,
      run: () => dialogs.ask('move'),
    },
    {
      id: 'mail.label',
      group: 'message',
      keys: ['l'],
      words: () => words().label,
      names: ['étiquette', 'label', 'tag'],
      enabled: acts.hasTargets,
      run: () => dialogs.ask('label'),
    },
    {
      id: 'mail.undo',
      group: 'message',
      keys: ['z', 'Ctrl+z'],
      words: () => words().undo,
      names: ['annuler', 'undo'],
      enabled: () => toasts.canUndo,
      run: () => toasts.undoLast(),
    },
    {
      id: 'select.toggle',
      group: 'select',
      keys: ['x'],
      words: () => words().select,
      enabled: () => list.cursor !== undefined,
      run: () => list.cursor !== undefined && list.toggle(list.cursor),
    },
    {
      id: 'select.all',
      group: 'select',
      keys: ['Ctrl+a', '* a'],
      words: () => words().selectAll,
      names: ['tout', 'all'],
      enabled: hasRows,
      run: () => list.takeAll(),
    },
    {
      id: 'select.none',
      group: 'select',
      keys: ['* n'],
      words: () => words().clear,
      enabled: () => list.chosenCount > 0,
      run: () => list.clear(),
    },
    {
      id: 'select.down',
      group: 'select',
      keys: ['Shift+j'],
      words: () => words().extendDown,
      enabled: hasRows,
      run: () => extend(1),
      unlisted: true,
    },
    {
      id: 'select.up',
      group: 'select',
      keys: ['Shift+k'],
      words: () => words().extendUp,
      enabled: hasRows,
      run: () => extend(-1),
      unlisted: true,
    },
    {
      id: 'move.next',
      group: 'move',
      keys: ['j'],
      words: () => words().next,
      enabled: hasRows,
      run: () => move(1),
      unlisted: true,
    },
    {
      id: 'move.previous',
      group: 'move',
      keys: ['k'],
      words: () => words().previous,
      enabled: hasRows,
      run: () => move(-1),
      unlisted: true,
    },
    {
      id: 'move.open',
      group: 'move',
      keys: ['o', 'Enter'],
      words: () => words().openMessage,
      enabled: () => list.cursor !== undefined,
      run: () => list.cursor !== undefined && list.open(list.cursor),
      unlisted: true,
    },
    {
      id: 'move.back',
      group: 'move',
      keys: ['u', 'Escape'],
      words: () => words().back,
      enabled: () => list.chosenCount > 0 || route.place.thread !== undefined,
      run: () => {
        if (list.chosenCount > 0) list.clear();
        else route.closeThread();
        pane.focus();
      },
      unlisted: true,
    },
    {
      id: 'move.top',
      group: 'move',
      keys: ['g g'],
      words: () => words().top,
      enabled: hasRows,
      run: () => {
        move(-1e9);
        pane.toTop();
      },
      unlisted: true,
    },
    {
      id: 'move.bottom',
      group: 'move',
      keys: ['Shift+g'],
      words: () => words().bottom,
      enabled: hasRows,
      run: () => move(1e9),
      unlisted: true,
    },
  ].map((command) => ({ ...command, run: () => void command.run() })) as readonly Command[];
}
