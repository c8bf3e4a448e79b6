/** The frame's own words. The language chosen, or the browser's, is ready before anything is drawn (main.ts). */
import { createCatalogue } from './catalogue.svelte.js';
import type { fr } from './fr.js';
import type { Words } from './language.js';

export type FrameWords = Words<typeof fr>;

export const t = createCatalogue<FrameWords>({
  fr: () => import('./fr.js').then((module) => module.fr),
  en: () => import('./en.js').then((module) => module.en),
});
