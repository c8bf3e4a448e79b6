/**
 * Where to go after signing in: a page of the webmail and nothing else, so that the sign-in page cannot be used to send
 * somebody to another site (open redirect) or to make a request that does something.
 */
const pages = ['/mail', '/compose', '/settings', '/contacts', '/q'];
const maxCharacters = 2_000;
/** Only there to have a base: what resolves to another origin is not ours. */
const base = 'http://webmail.invalid';

export const isWebmailPage = (path: string): boolean =>
  pages.some((page) => path === page || path.startsWith(`${page}/`));

/** The path with its query, as the browser would resolve it; undefined if it leads anywhere else. */
export function returnPath(asked: string | undefined): string | undefined {
  if (asked === undefined || asked.length > maxCharacters || !asked.startsWith('/')) return undefined;
  let url: URL;
  try {
    url = new URL(asked, base);
  } catch {
    return undefined;
  }
  // The URL parser knows what browsers make of `//`, `/\`, tabs and line ends; what it gives back is plain ASCII.
  if (url.origin !== base || !isWebmailPage(url.pathname)) return undefined;
  return url.pathname + url.search;
}
