/** Language and appearance: the reader's choice is kept, until then the browser's holds. */
import { type Language, languages, type Messages, messages } from '../i18n/messages';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

function stored<T extends string>(key: string, known: readonly T[]): T | undefined {
  try {
    const value = localStorage.getItem(key);
    return known.find((one) => one === value);
  } catch {
    return undefined; // storage is forbidden: the choice lasts as long as the page
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // As above.
  }
}

function preferredLanguage(): Language {
  for (const tag of navigator.languages) {
    const found = languages.find((one) => tag.toLowerCase().startsWith(one));
    if (found) return found;
  }
  return 'fr';
}

let language = $state<Language>(stored('vaguemestre.language', languages) ?? preferredLanguage());
let theme = $state<Theme>(stored('vaguemestre.theme', themes) ?? 'system');

export const preferences = {
  get language(): Language {
    return language;
  },
  set language(chosen: Language) {
    language = chosen;
    store('vaguemestre.language', chosen);
  },
  get theme(): Theme {
    return theme;
  },
  set theme(chosen: Theme) {
    theme = chosen;
    store('vaguemestre.theme', chosen);
  },
  get text(): Messages {
    return messages[language];
  },
};
