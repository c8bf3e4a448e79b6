/**
 * Runs before the page is painted for the first time (a plain script, so the browser waits for it): the appearance that was
 * chosen holds from the first pixel. Reads what `state/settings.svelte.ts` keeps; without it the page is as the system is.
 */
try {
  const { values } = JSON.parse(
    sessionStorage.getItem('vaguemestre.settings') ?? localStorage.getItem('vaguemestre.settings') ?? '{"values":{}}',
  );
  const root = document.documentElement;
  if (values.theme === 'light' || values.theme === 'dark') root.dataset.theme = values.theme;
  if (typeof values.density === 'string') root.dataset.density = values.density;
  if (values.language === 'fr' || values.language === 'en') root.lang = values.language;
} catch {
  // Storage is forbidden, or holds something else.
}
