/** Whether the page is dark by now: what the reader chose, else what the system says. */
import { MediaQuery } from 'svelte/reactivity';
import { preferences } from './preferences.svelte.js';

const systemDark = new MediaQuery('prefers-color-scheme: dark');

export const theme = {
  get dark(): boolean {
    return preferences.theme === 'system' ? systemDark.current : preferences.theme === 'dark';
  },
};
