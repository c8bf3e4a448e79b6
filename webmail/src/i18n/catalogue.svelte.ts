/**
 * Words on the page. Each part has its own catalogue, one chunk per language, fetched when the part is: nobody downloads the
 * other language. `t.text` is watched; it is there once `ready` has resolved, which whoever loads the part waits for.
 */
import type { Language } from './language.js';

export interface Catalogue<T> {
  /** The words in the language last made ready. */
  readonly text: T;
  ready(language: Language): Promise<void>;
}

const catalogues = new Set<Catalogue<unknown>>();

export function createCatalogue<T>(load: Readonly<Record<Language, () => Promise<T>>>): Catalogue<T> {
  let text = $state.raw<T>();
  const loaded = new Map<Language, T>();
  const catalogue: Catalogue<T> = {
    get text() {
      if (text === undefined) throw new Error('a catalogue is read before it is ready');
      return text;
    },
    async ready(language) {
      // Awaited even when it is there: a template that asks may not change what it is drawn from.
      const words = await (loaded.get(language) ?? load[language]());
      loaded.set(language, words);
      text = words;
    },
  };
  catalogues.add(catalogue);
  return catalogue;
}

/** Every part that is on the page changes its language, and only then does the page say that it has. */
export async function readyAll(language: Language): Promise<void> {
  await Promise.all([...catalogues].map((one) => one.ready(language)));
}
