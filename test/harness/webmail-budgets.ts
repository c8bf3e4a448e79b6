/** Budgets of the webmail: what a reader waits for, and what the browser downloads before. Sizes are KB of 1000, gzip. */

/** Chunks that come when they are first needed, by the source that begins them. */
export const laterBudgetsKB = [
  ['the reading pane', 'views/reading/ReadingPane.svelte', 29],
  ['the cleaner of HTML mail', 'html/clean-html.ts', 8],
  ['the composer', 'compose/open-compose.ts', 45],
  ['the search field and its panel', 'views/search/SearchPanel.svelte', 10],
  ['the palette', 'views/shell/Palette.svelte', 8],
  ['the settings', 'settings/SettingsSheet.svelte', 40],
] as const;

export const pageBudgetsKB = { script: 90, style: 18, signIn: 25 } as const;
