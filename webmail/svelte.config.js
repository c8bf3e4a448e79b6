import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  // Runes everywhere; styles go to a file of their own because the Content-Security-Policy allows no inline style.
  compilerOptions: { runes: true, css: 'external' },
};
