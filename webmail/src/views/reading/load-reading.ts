/** The reading pane, the cleaner and their words: one chunk, fetched when the first message is opened. */
import type { Language } from '../../i18n/language.js';
import { words } from '../../reading/words/text.svelte.js';

export async function loadReading(language: Language): Promise<typeof import('./ReadingPane.svelte').default> {
  const [module] = await Promise.all([import('./ReadingPane.svelte'), words.ready(language)]);
  return module.default;
}
