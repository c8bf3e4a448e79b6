/** The words of folders and labels; ready before anything of this part runs (organise.ts). */
import { createCatalogue } from '../../i18n/catalogue.svelte.js';
import type { Words } from '../../i18n/language.js';
import type { fr } from './fr.js';

export const o = createCatalogue<Words<typeof fr>>({
  fr: () => import('./fr.js').then((module) => module.fr),
  en: () => import('./en.js').then((module) => module.en),
});
