/**
 * RFC 4180, as spreadsheets write it: comma, semicolon or tab (whichever the first line has more of), quotes doubled inside
 * quotes, line ends inside quotes kept, a byte order mark ignored. Rows carry the line they begin on, for reports. Throws
 * an Error that names the line of a quote that is never closed.
 */
export interface CsvRow {
  readonly line: number;
  readonly fields: readonly string[];
}

export function parseCsv(text: string): CsvRow[] {
  const source = text.startsWith('\ufeff') ? text.slice(1) : text;
  const separator = separatorOf(source);
  const rows: CsvRow[] = [];
  let fields: string[] = [];
  let field = '';
  let line = 1;
  let rowLine = 1;
  let i = 0;
  const endRow = (): void => {
    fields.push(field);
    if (fields.length > 1 || fields[0] !== '') rows.push({ line: rowLine, fields });
    fields = [];
    field = '';
    rowLine = line;
  };
  while (i < source.length) {
    const character = source[i];
    if (character === '"' && field === '') {
      const end = endOfQuoted(source, i + 1);
      if (end < 0) throw new Error(`line ${line}: a quote is never closed`);
      const quoted = source.slice(i + 1, end);
      field = quoted.replaceAll('""', '"');
      line += quoted.split('\n').length - 1;
      i = end + 1;
    } else if (character === separator) {
      fields.push(field);
      field = '';
      i++;
    } else if (character === '\n' || character === '\r') {
      i += character === '\r' && source[i + 1] === '\n' ? 2 : 1;
      line++;
      endRow();
    } else {
      field += character;
      i++;
    }
  }
  if (field !== '' || fields.length > 0) endRow();
  return rows;
}

function endOfQuoted(source: string, from: number): number {
  let at = source.indexOf('"', from);
  while (at >= 0 && source[at + 1] === '"') at = source.indexOf('"', at + 2);
  return at;
}

function separatorOf(source: string): string {
  const [first = ''] = source.split('\n', 1);
  const count = (separator: string): number => first.split(separator).length;
  return [',', ';', '\t'].reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}
