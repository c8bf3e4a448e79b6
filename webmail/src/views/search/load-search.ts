/** What stands around results comes with its words, when something is searched. */
import type { Language } from '../../i18n/language.js';
import { words } from './words/text.svelte.js';

/** The field itself: it draws in a place that is kept for it, and nothing else waits for it. */
export async function loadSearchBox() {
  return (await import('./SearchBox.svelte')).default;
}

export async function loadSearchHead(language: Language) {
  const [{ default: SearchHead }] = await Promise.all([import('./SearchHead.svelte'), words.ready(language)]);
  return SearchHead;
}

export async function loadWiderSearch(language: Language) {
  const [{ default: WiderSearch }] = await Promise.all([import('./WiderSearch.svelte'), words.ready(language)]);
  return WiderSearch;
}

export async function loadSearchHelp(language: Language) {
  const [{ default: SearchHelp }] = await Promise.all([import('./SearchHelp.svelte'), words.ready(language)]);
  return SearchHelp;
}

export async function loadSearchPanel(language: Language) {
  const [{ default: SearchPanel }] = await Promise.all([import('./SearchPanel.svelte'), words.ready(language)]);
  return SearchPanel;
}
