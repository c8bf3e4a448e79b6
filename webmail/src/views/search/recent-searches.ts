/** What was searched lately, in this tab only: on a shared computer it goes with the tab. */
const storageKey = 'vaguemestre.searches';
const most = 5;

export function recentSearches(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? '[]');
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string').slice(0, most) : [];
  } catch {
    return [];
  }
}

export function rememberSearch(text: string): void {
  try {
    const next = [text, ...recentSearches().filter((one) => one !== text)].slice(0, most);
    sessionStorage.setItem(storageKey, JSON.stringify(next));
  } catch {
    // Nothing is remembered where nothing may be kept.
  }
}
