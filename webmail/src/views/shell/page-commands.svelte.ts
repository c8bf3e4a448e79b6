/** Commands of the page itself: where to go, how it looks, how to leave. */
import { tick } from 'svelte';
import { t } from '../../i18n/text.svelte.js';
import type { Command } from '../../keys/commands.js';
import { holdKeys } from '../../keys/held-keys.js';
import type { View } from '../../model/view.js';
import { dialogs } from '../../state/dialogs.svelte.js';
import { mail } from '../../state/mail.svelte.js';
import { densities, preferences, themes } from '../../state/preferences.svelte.js';
import { route } from '../../state/route.svelte.js';
import { loadSearchBox } from '../search/load-search.js';

function after<T>(all: readonly T[], one: T): T {
  return all[(all.indexOf(one) + 1) % all.length] as T;
}

export function pageCommands(): readonly Command[] {
  const words = (): typeof t.text.commands => t.text.commands;
  const go = (id: string, keys: string, name: () => string, view: View, names: readonly string[]): Command => ({
    id,
    group: 'go',
    keys: [keys],
    words: name,
    names,
    run: () => route.open(view),
  });
  return [
    go('go.inbox', 'g i', () => words().goInbox, { kind: 'role', role: 'inbox' }, ['inbox', 'réception']),
    go('go.flagged', 'g s', () => words().goFlagged, { kind: 'flagged' }, ['flagged', 'starred', 'suivis']),
    go('go.drafts', 'g d', () => words().goDrafts, { kind: 'role', role: 'drafts' }, ['drafts', 'brouillons']),
    go('go.sent', 'g t', () => words().goSent, { kind: 'role', role: 'sent' }, ['sent', 'envoyés']),
    go('go.archive', 'g a', () => words().goArchive, { kind: 'role', role: 'archive' }, ['archive', 'archives']),
    go('go.junk', 'g !', () => words().goJunk, { kind: 'role', role: 'junk' }, ['spam', 'junk', 'indésirables']),
    go('go.trash', 'g #', () => words().goTrash, { kind: 'role', role: 'trash' }, ['trash', 'corbeille']),
    go('go.toMe', 'g m', () => words().goToMe, { kind: 'toMe' }, ['to me', 'à moi']),
    go('go.outbox', 'g o', () => words().goOutbox, { kind: 'outbox' }, [
      'outbox',
      'scheduled',
      'programmés',
      'à envoyer',
    ]),
    go('go.all', 'g l', () => words().goAll, { kind: 'all' }, ['all mail', 'tout le courrier']),
    {
      // Until the field is there and has a command of its own of this name.
      id: 'page.search',
      group: 'page',
      keys: ['/', 'Ctrl+f'],
      words: () => words().search,
      run: () => {
        const keys = holdKeys();
        void loadSearchBox()
          .then(tick)
          .then(() => document.querySelector<HTMLElement>('search input')?.focus())
          .finally(keys.settled);
      },
    },
    {
      id: 'page.palette',
      group: 'page',
      keys: ['Ctrl+k'],
      words: () => words().palette,
      run: () => dialogs.ask('palette'),
      inFields: true,
      unlisted: true,
    },
    {
      id: 'page.shortcuts',
      group: 'page',
      keys: ['?'],
      words: () => words().shortcuts,
      names: ['aide', 'help', 'clavier', 'keyboard'],
      run: () => dialogs.ask('shortcuts'),
    },
    {
      id: 'page.refresh',
      group: 'page',
      words: () => words().refresh,
      names: ['relever', 'check'],
      run: () => void mail.refresh(),
    },
    {
      id: 'page.density',
      group: 'page',
      words: () => words().density,
      names: ['densité', 'compact', 'density'],
      run: () => {
        preferences.density = after(densities, preferences.density);
      },
    },
    {
      id: 'page.theme',
      group: 'page',
      words: () => words().theme,
      names: ['sombre', 'clair', 'dark', 'light', 'theme'],
      run: () => {
        preferences.theme = after(themes, preferences.theme);
      },
    },
    {
      id: 'page.language',
      group: 'page',
      words: () => words().language,
      names: ['langue', 'language', 'français', 'english'],
      run: () => void preferences.choose(preferences.language === 'fr' ? 'en' : 'fr'),
    },
    {
      id: 'page.settings',
      group: 'page',
      keys: ['g ,'],
      words: () => words().settings,
      names: ['réglages', 'settings', 'signature', 'sessions', 'mot de passe', 'password'],
      run: () => dialogs.ask('settings'),
    },
    {
      id: 'page.setUp',
      group: 'page',
      words: () => words().setUp,
      names: ['imap', 'thunderbird', 'setup'],
      run: () => location.assign('/setup'),
    },
    {
      id: 'page.signOut',
      group: 'page',
      words: () => words().signOut,
      names: ['déconnexion', 'sign out', 'log out'],
      run: () => void mail.signOut(),
    },
  ];
}
