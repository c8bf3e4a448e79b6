/** Text in XML 1.0: five characters escaped, and what XML cannot hold left out. */
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

export const escapeXml = (text: string): string =>
  text
    // XML 1.0 section 2.2: no other control characters.
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll(/[&<>"']/g, (character) => escapes[character] ?? '');

export const element = (name: string, text: string | number): string => `<${name}>${escapeXml(String(text))}</${name}>`;
