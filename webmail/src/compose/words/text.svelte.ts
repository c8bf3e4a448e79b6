/** The composer's words; ready before the first composer opens (compositions.svelte.ts). */
import { createCatalogue } from '../../i18n/catalogue.svelte.js';
import type { Words } from '../../i18n/language.js';
import type { fr } from './fr.js';

export const w = createCatalogue<Words<typeof fr>>({
  fr: () => import('./fr.js').then((module) => module.fr),
  en: () => import('./en.js').then((module) => module.en),
});
