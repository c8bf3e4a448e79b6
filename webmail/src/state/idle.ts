/** When the page has nothing else to do, and at the latest after a while. */
export function whenIdle(what: () => void, atMostMs = 3_000): void {
  if ('requestIdleCallback' in window) requestIdleCallback(what, { timeout: atMostMs });
  else setTimeout(what, 200);
}
