/** Quoting in plain text (RFC 3676 section 4.5): one `>` a level, a space only before text that is not quoted yet. */

export interface Quoted {
  readonly attribution: string;
  readonly text: string;
}

/** The line after which a signature begins (RFC 3676 section 4.3). */
const signatureLine = '-- ';

export function quoteText({ attribution, text }: Quoted): string {
  const lines = withoutSignature(text.replace(/\r\n?/g, '\n').split('\n'));
  const quoted = lines.map((line) => (line === '' ? '>' : line.startsWith('>') ? `>${line}` : `> ${line}`));
  return `${attribution}\n${quoted.join('\n')}\n`;
}

/** Lines as they were, without the last signature and without empty lines at the end. */
function withoutSignature(lines: readonly string[]): readonly string[] {
  const at = lines.lastIndexOf(signatureLine);
  let end = at < 0 ? lines.length : at;
  while (end > 0 && lines[end - 1]!.trim() === '') end--;
  return lines.slice(0, end);
}

/** What the writer wrote himself: everything that is not quoted, and before the quoted message of a mail that quotes below. */
export function ownText(text: string, attribution: string | undefined): string {
  const at = attribution === undefined || attribution === '' ? -1 : text.indexOf(attribution);
  const mine = at < 0 ? text : text.slice(0, at);
  return mine
    .split('\n')
    .filter((line) => !line.startsWith('>'))
    .join('\n');
}
