/**
 * Reads iCalendar text (RFC 5545 3.1) into components: folded lines joined, names in upper case, parameters apart, text
 * unescaped. Linear; what is not a content line is left out, and what never ends is ended.
 */
export interface ContentLine {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** As it stands: text is still escaped, see `plainText`. */
  readonly value: string;
}

export interface CalendarComponent {
  readonly name: string;
  readonly lines: readonly ContentLine[];
  readonly components: readonly CalendarComponent[];
}

const maxLength = 500_000;
const maxLines = 20_000;
const maxDepth = 5;

export function readCalendar(text: string): CalendarComponent {
  interface Growing {
    readonly name: string;
    readonly lines: ContentLine[];
    readonly components: Growing[];
  }
  const root: Growing = { name: '', lines: [], components: [] };
  const open: Growing[] = [root];
  for (const raw of unfolded(text.slice(0, maxLength))) {
    const line = readLine(raw);
    if (line === undefined) continue;
    const current = open.at(-1)!;
    if (line.name === 'BEGIN') {
      if (open.length > maxDepth) break;
      const begun: Growing = { name: line.value.trim().toUpperCase(), lines: [], components: [] };
      current.components.push(begun);
      open.push(begun);
    } else if (line.name === 'END') {
      if (open.length > 1) open.pop();
    } else {
      current.lines.push(line);
    }
  }
  return root;
}

/** RFC 5545 3.1: a line that begins with a space or a tab goes on with the one before. */
function unfolded(text: string): string[] {
  const parts: string[][] = [];
  for (const raw of text.split('\n', maxLines)) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const last = parts.at(-1);
    if (last && (line.startsWith(' ') || line.startsWith('\t'))) last.push(line.slice(1));
    else parts.push([line]);
  }
  return parts.map((one) => one.join(''));
}

function readLine(text: string): ContentLine | undefined {
  let at = 0;
  const until = (ends: string): string => {
    const from = at;
    while (at < text.length && !ends.includes(text[at]!)) at++;
    return text.slice(from, at);
  };
  const name = until(';:').trim().toUpperCase();
  if (name === '' || at >= text.length) return undefined;
  const parameters = new Map<string, string>();
  while (text[at] === ';') {
    at++;
    const key = until('=;:').trim().toUpperCase();
    if (text[at] !== '=') continue;
    at++;
    const values: string[] = [];
    for (;;) {
      if (text[at] === '"') {
        at++;
        values.push(until('"'));
        at++;
        until(',;:');
      } else {
        values.push(until(',;:'));
      }
      if (text[at] !== ',') break;
      at++;
    }
    parameters.set(key, values.join(','));
  }
  if (text[at] !== ':') return undefined;
  return { name, parameters, value: text.slice(at + 1) };
}

/** RFC 5545 3.3.11. */
export function plainText(value: string): string {
  let out = '';
  for (let at = 0; at < value.length; at++) {
    const c = value[at]!;
    if (c !== '\\') {
      out += c;
      continue;
    }
    at++;
    const next = value[at] ?? '';
    out += next === 'n' || next === 'N' ? '\n' : next;
  }
  return out;
}
