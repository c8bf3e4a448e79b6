/** Which remote addresses are asked at all, and in which form: http or https, on their own ports, no password. */
const maxCharacters = 4_000;

export function outsideUrl(text: string): URL | undefined {
  if (text.length > maxCharacters) return undefined;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  // The parser leaves out a scheme's own port; any other could be a printer, a database, a mail server.
  if (url.port !== '' || url.username !== '' || url.password !== '' || url.hostname === '') return undefined;
  url.hash = '';
  return url;
}
