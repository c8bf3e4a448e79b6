/**
 * How the reader likes the page: language, appearance, density, widths, delays. They follow the reader to other computers
 * (settings.svelte.ts); until something is chosen the browser's own settings hold.
 */
import { readyAll } from '../i18n/catalogue.svelte.js';
import { type Language, languages, preferredLanguage } from '../i18n/language.js';
import { settings } from './settings.svelte.js';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
export const densities = ['compact', 'normal', 'comfortable'] as const;
export type Density = (typeof densities)[number];
/** How long a message that was sent can be taken back. */
export const undoSeconds = [5, 10, 15, 30] as const;
/** After how long in view a message is read: at once, after a moment, or when the reader says so. */
export const readDelays = ['atOnce', 'moment', 'never'] as const;
export type ReadDelay = (typeof readDelays)[number];

/** Of the text of messages, in percent. */
export const textSizes = [85, 100, 115, 130, 150, 175, 200] as const;

export const listWidths = { least: 320, most: 640, usual: 440 } as const;

function one<T>(key: string, known: readonly T[], usual: T): T {
  const value = settings.get(key);
  return known.find((each) => each === value) ?? usual;
}

const wantedLanguage = (): Language => one('language', languages, preferredLanguage(navigator.languages));
let language = $state<Language>(wantedLanguage());

/** The words come first, then the page changes. */
async function turn(): Promise<void> {
  const wanted = wantedLanguage();
  if (wanted === language) return;
  await readyAll(wanted);
  language = wanted;
}
settings.listen(() => void turn());

export const preferences = {
  get language(): Language {
    return language;
  },
  async choose(chosen: Language): Promise<void> {
    settings.change({ language: chosen });
    await turn();
  },
  get theme(): Theme {
    return one('theme', themes, 'system');
  },
  set theme(chosen: Theme) {
    settings.change({ theme: chosen });
  },
  get density(): Density {
    return one('density', densities, 'comfortable');
  },
  set density(chosen: Density) {
    settings.change({ density: chosen });
  },
  /** Keys that act without a modifier (WCAG 2.2, 2.1.4: can be switched off). */
  get singleKeys(): boolean {
    return settings.get('singleKeys') !== false;
  },
  set singleKeys(chosen: boolean) {
    settings.change({ singleKeys: chosen });
  },
  get textSize(): number {
    return one<number>('textSize', textSizes, 100);
  },
  set textSize(chosen: number) {
    settings.change({ textSize: chosen });
  },
  get conversations(): boolean {
    return settings.get('conversations') !== false;
  },
  set conversations(chosen: boolean) {
    settings.change({ conversations: chosen });
  },
  get listWidth(): number {
    const width = Number(settings.get('listWidth') ?? listWidths.usual);
    return Math.round(Math.min(listWidths.most, Math.max(listWidths.least, width || listWidths.usual)));
  },
  set listWidth(chosen: number) {
    settings.change({ listWidth: Math.round(Math.min(listWidths.most, Math.max(listWidths.least, chosen))) });
  },
  get undoSeconds(): number {
    return one<number>('undoSeconds', undoSeconds, 15);
  },
  set undoSeconds(chosen: number) {
    settings.change({ undoSeconds: chosen });
  },
  get markRead(): ReadDelay {
    return one('markRead', readDelays, 'moment');
  },
  set markRead(chosen: ReadDelay) {
    settings.change({ markRead: chosen });
  },
};

/** Writes theme, density and language where the style sheets and the browser read them. */
export function applyPreferences(): void {
  const root = document.documentElement;
  const { theme } = preferences;
  root.lang = language;
  root.dataset['density'] = preferences.density;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
}
