/** The way to what changes folders and labels; it and its words are fetched when first needed. */

import { t } from '../i18n/text.svelte.js';
import { preferences } from './preferences.svelte.js';
import { toasts } from './toasts.svelte.js';

export type Organise = typeof import('../organise/organise.js');

export async function loadOrganise(): Promise<Organise> {
  const [part, { o }] = await Promise.all([
    import('../organise/organise.js'),
    import('../organise/words/text.svelte.js'),
  ]);
  await o.ready(preferences.language);
  return part;
}

export function organise(act: (part: Organise) => void | Promise<void>): void {
  loadOrganise()
    .then(act)
    .catch(() => toasts.say(t.text.toasts.failed, { tone: 'trouble' }));
}
