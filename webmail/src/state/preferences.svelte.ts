/**
 * How the reader likes the page: language, appearance, density, widths. Kept in this browser; until something is chosen the
 * browser's own settings hold. Where storage is forbidden a choice lasts as long as the page.
 */
import { readyAll } from '../i18n/catalogue.svelte.js';
import { type Language, languages, preferredLanguage } from '../i18n/language.js';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
export const densities = ['compact', 'normal', 'comfortable'] as const;
export type Density = (typeof densities)[number];

const prefix = 'vaguemestre.';

function read(key: string): string | null {
  try {
    return localStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(prefix + key, value);
  } catch {
    // See above.
  }
}

function readOne<T extends string>(key: string, known: readonly T[]): T | undefined {
  const value = read(key);
  return known.find((one) => one === value);
}

export const listWidths = { least: 320, most: 640, usual: 440 } as const;

let language = $state<Language>(readOne('language', languages) ?? preferredLanguage(navigator.languages));
let theme = $state<Theme>(readOne('theme', themes) ?? 'system');
let density = $state<Density>(readOne('density', densities) ?? 'comfortable');
let singleKeys = $state(read('singleKeys') !== 'no');
let conversations = $state(read('conversations') !== 'no');
let listWidth = $state(Number(read('listWidth')) || listWidths.usual);

export const preferences = {
  get language(): Language {
    return language;
  },
  /** The words come first, then the page changes. */
  async choose(chosen: Language): Promise<void> {
    await readyAll(chosen);
    language = chosen;
    write('language', chosen);
  },
  get theme(): Theme {
    return theme;
  },
  set theme(chosen: Theme) {
    theme = chosen;
    write('theme', chosen);
  },
  get density(): Density {
    return density;
  },
  set density(chosen: Density) {
    density = chosen;
    write('density', chosen);
  },
  /** Keys that act without a modifier (WCAG 2.2, 2.1.4: can be switched off). */
  get singleKeys(): boolean {
    return singleKeys;
  },
  set singleKeys(chosen: boolean) {
    singleKeys = chosen;
    write('singleKeys', chosen ? 'yes' : 'no');
  },
  get conversations(): boolean {
    return conversations;
  },
  set conversations(chosen: boolean) {
    conversations = chosen;
    write('conversations', chosen ? 'yes' : 'no');
  },
  get listWidth(): number {
    return listWidth;
  },
  set listWidth(chosen: number) {
    listWidth = Math.round(Math.min(listWidths.most, Math.max(listWidths.least, chosen)));
    write('listWidth', String(listWidth));
  },
};

/** Writes theme, density and language where the style sheets and the browser read them. */
export function applyPreferences(): void {
  const root = document.documentElement;
  root.lang = language;
  root.dataset['density'] = density;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
}
