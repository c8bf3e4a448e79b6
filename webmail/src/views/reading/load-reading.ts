/** The reading pane, the cleaner and their words: one chunk, fetched when the first message is opened. */
import type { Language } from '../../i18n/language.js';
import { words } from '../../reading/words/text.svelte.js';

export async function loadReading(language: Language): Promise<typeof import('./ReadingPane.svelte').default> {
  const module = import('./ReadingPane.svelte');
  // Not in the same turn: a template asks, and nothing that is watched may change while it does.
  await Promise.resolve();
  await words.ready(language);
  return (await module).default;
}
