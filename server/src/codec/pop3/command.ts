/**
 * Commands of POP3: RFC 1939, 2449 (CAPA), 2595 (STLS), 5034 (AUTH), 6856 (UTF8, LANG), LAST of RFC 1460, XTND XLST of qpopper.
 * Keywords in any case, one or more spaces between arguments; numbers are digits and nothing else. Whether a command is allowed
 * at the moment is the session's to say.
 */

export type Pop3Command =
  | { readonly kind: 'user'; readonly name: string }
  /** The octets as they came, blanks included (RFC 1939 7: PASS has one argument). */
  | { readonly kind: 'pass'; readonly password: Buffer }
  | { readonly kind: 'auth'; readonly mechanism: string | undefined; readonly initial: string | undefined }
  | Bare<'stls' | 'capa' | 'noop' | 'rset' | 'quit' | 'stat' | 'last' | 'utf8' | 'apop'>
  | { readonly kind: 'lang'; readonly tag: string | undefined }
  | { readonly kind: 'list' | 'uidl'; readonly number: number | undefined }
  | { readonly kind: 'retr' | 'dele'; readonly number: number }
  | { readonly kind: 'top'; readonly number: number; readonly lines: number }
  | { readonly kind: 'xlst'; readonly field: string; readonly number: number | undefined }
  | { readonly kind: 'bad'; readonly verb: string; readonly why: BadCommand };

/** Without arguments; of APOP's nothing is looked at. */
type Bare<K extends string> = K extends string ? { readonly kind: K } : never;

/** `unknown`: not even the verb; `number`: no message number; `usage`: wrong arguments. */
export type BadCommand = 'unknown' | 'number' | 'usage' | 'control';

/** Nobody has so many messages; a number that is longer is none. */
const maxNumberDigits = 10;

export function parsePop3Command(line: Buffer): Pop3Command {
  const space = line.indexOf(0x20);
  const verb = line.toString('latin1', 0, space < 0 ? line.length : space).toUpperCase();
  // A password may be anything but NUL, which no client can mean.
  if (verb === 'PASS') {
    const password = space < 0 ? line.subarray(0, 0) : line.subarray(space + 1);
    if (password.length === 0) return bad(verb, 'usage');
    return password.includes(0) ? bad(verb, 'control') : { kind: 'pass', password };
  }
  for (const octet of line) if (octet < 0x20 || octet === 0x7f) return bad(verb, 'control');
  const rest = space < 0 ? '' : line.toString('utf8', space + 1).trim();
  const words = rest === '' ? [] : rest.split(' ').filter((word) => word !== '');
  switch (verb) {
    case 'USER':
      return rest === '' ? bad(verb, 'usage') : { kind: 'user', name: rest };
    case 'AUTH':
      if (words.length > 2) return bad(verb, 'usage');
      return { kind: 'auth', mechanism: words[0]?.toUpperCase(), initial: words[1] };
    case 'APOP':
      return { kind: 'apop' };
    case 'STLS':
    case 'CAPA':
    case 'NOOP':
    case 'RSET':
    case 'QUIT':
    case 'STAT':
    case 'LAST':
    case 'UTF8':
      if (words.length > 0) return bad(verb, 'usage');
      return { kind: verb.toLowerCase() as Lowercase<typeof verb> };
    case 'LANG':
      return words.length > 1 ? bad(verb, 'usage') : { kind: 'lang', tag: words[0] };
    case 'LIST':
    case 'UIDL':
      return numbered(verb, words);
    case 'RETR':
    case 'DELE': {
      const number = words.length === 1 ? decimal(words[0]!) : undefined;
      if (number === undefined) return bad(verb, words.length === 1 ? 'number' : 'usage');
      return { kind: verb === 'RETR' ? 'retr' : 'dele', number };
    }
    case 'TOP': {
      const [number, lines] = words.map(decimal);
      if (words.length !== 2) return bad(verb, 'usage');
      return number === undefined || lines === undefined ? bad(verb, 'number') : { kind: 'top', number, lines };
    }
    case 'XTND':
      return extended(words);
    default:
      return bad(verb, 'unknown');
  }
}

function numbered(verb: 'LIST' | 'UIDL', words: readonly string[]): Pop3Command {
  const kind = verb === 'LIST' ? 'list' : 'uidl';
  if (words.length === 0) return { kind, number: undefined };
  if (words.length > 1) return bad(verb, 'usage');
  const number = decimal(words[0]!);
  return number === undefined ? bad(verb, 'number') : { kind, number };
}

/** XTND XLST field-name [message]. */
function extended(words: readonly string[]): Pop3Command {
  const [which, field, which2] = words;
  if (which?.toUpperCase() !== 'XLST') return bad('XTND', 'unknown');
  const number = which2 === undefined ? undefined : decimal(which2);
  const name = field?.endsWith(':') === true ? field.slice(0, -1) : field;
  if (words.length > 3 || name === undefined || !isFieldName(name)) return bad('XTND', 'usage');
  if (which2 !== undefined && number === undefined) return bad('XTND', 'number');
  return { kind: 'xlst', field: name, number };
}

/** RFC 5322 2.2: printable ASCII but the colon. */
function isFieldName(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || code === 0x3a) return false;
  }
  return name.length > 0 && name.length <= 255;
}

function decimal(word: string): number | undefined {
  if (word.length > maxNumberDigits) return undefined;
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return undefined;
  }
  return Number(word);
}

const bad = (verb: string, why: BadCommand): Pop3Command => ({ kind: 'bad', verb: verb.slice(0, 40), why });
