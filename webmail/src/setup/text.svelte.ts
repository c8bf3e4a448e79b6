/** The set-up page is small enough to carry both languages. */
import { preferences } from '../state/preferences.svelte.js';
import { type Messages, messages } from './words.js';

export const words = {
  get text(): Messages {
    return messages[preferences.language];
  },
};
