/** The words of searching beyond the field: ready before the panel, the head of the results or the help is drawn. */
import { createCatalogue } from '../../../i18n/catalogue.svelte.js';
import type { Words } from '../../../i18n/language.js';
import type { fr } from './fr.js';

export const words = createCatalogue<Words<typeof fr>>({
  fr: () => import('./fr.js').then((module) => module.fr),
  en: () => import('./en.js').then((module) => module.en),
});
