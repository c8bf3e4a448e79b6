/**
 * HTML to the text a reader sees, on a stream: tags and comments dropped, `script`, `style`, `title` and the like with
 * what they hold, entities resolved, block elements apart by a line end. Made for search and preview, not for display: it never
 * fails, runs in one pass and gives the same text however the input was cut.
 */
import { decodeWindows1252 } from './charset.js';

export interface HtmlTextDecoder {
  push(html: string): string;
  end(): string;
}

/** Elements that begin a new line of text. */
const blocks = new Set(
  'address article aside blockquote body br caption center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol option p pre section table td tfoot th thead tr ul'.split(
    ' ',
  ),
);

/** Elements whose content nobody sees. */
const hidden = new Set(['script', 'style', 'title', 'template', 'noembed', 'textarea', 'xml']);

/** Longest name looked at; a longer one is unknown. */
const maxName = 32;

type State =
  | 'text'
  | 'open' // after `<`
  | 'name' // in a tag's name
  | 'tag' // in the rest of a tag
  | 'quoted' // in an attribute's value
  | 'bang' // after `<!`
  | 'comment'
  | 'entity'
  | 'hidden'; // inside a hidden element

export function createHtmlTextDecoder(): HtmlTextDecoder {
  let state: State = 'text';
  /** What was read of a tag's name, an entity or an end tag. */
  let word = '';
  let closing = false;
  let quote = 0;
  /** Hyphens before the end of a comment. */
  let hyphens = 0;
  let hiddenBy = '';
  let afterEquals = false;

  const endTag = (): string => {
    const name = word;
    word = '';
    state = 'text';
    if (!closing && hidden.has(name)) {
      hiddenBy = `</${name}`;
      state = 'hidden';
      return ' ';
    }
    return blocks.has(name) ? '\n' : '';
  };

  return {
    push(html) {
      let out = '';
      let i = 0;
      const length = html.length;
      while (i < length) {
        if (state === 'text') {
          const from = i;
          let c = 0;
          while (i < length) {
            c = html.charCodeAt(i);
            if (c === 60 || c === 38) break;
            i++;
          }
          if (i > from) out += html.slice(from, i);
          if (i === length) break;
          word = '';
          state = c === 60 ? 'open' : 'entity';
          i++;
          continue;
        }
        const c = html.charCodeAt(i);
        switch (state) {
          case 'open':
            closing = false;
            if (isLetter(c)) state = 'name';
            else if (c === 47) {
              closing = true;
              state = 'name';
              i++;
            } else if (c === 33 || c === 63) {
              state = 'bang';
              hyphens = 0;
              i++;
            } else {
              out += '<';
              state = 'text';
            }
            break;
          case 'name':
            if (isNameCharacter(c)) {
              // The run at once: a string grown letter by letter is an object a letter.
              const from = i;
              do i++;
              while (i < length && isNameCharacter(html.charCodeAt(i)));
              if (word.length < maxName)
                word += html.slice(from, Math.min(i, from + maxName - word.length)).toLowerCase();
            } else {
              state = 'tag';
              afterEquals = false;
            }
            break;
          case 'tag':
            i++;
            if (c === 62) out += endTag();
            else if ((c === 34 || c === 39) && afterEquals) {
              quote = c;
              state = 'quoted';
            }
            if (c > 32) afterEquals = c === 61;
            break;
          case 'quoted': {
            const end = html.indexOf(quote === 34 ? '"' : "'", i);
            i = end === -1 ? length : end + 1;
            if (end !== -1) {
              state = 'tag';
              afterEquals = false;
            }
            break;
          }
          case 'bang':
            i++;
            if (c === 45 && ++hyphens === 2) {
              state = 'comment';
              hyphens = 0;
            } else if (c !== 45) {
              hyphens = 3; // a declaration, no comment
              if (c === 62) state = 'text';
            }
            break;
          case 'comment':
            i++;
            if (c === 62 && hyphens >= 2) state = 'text';
            hyphens = c === 45 ? hyphens + 1 : 0;
            break;
          case 'entity':
            if (
              c === 59 ||
              word.length === maxName ||
              !(isLetter(c) || (c >= 48 && c <= 57) || (c === 35 && word === ''))
            ) {
              out += entityText(word, c === 59);
              if (c === 59) i++;
              state = 'text';
            } else {
              word += html[i]!;
              i++;
            }
            break;
          case 'hidden':
            // `word` is how much of the end tag was matched.
            if (word.length === hiddenBy.length) {
              word = '';
              state = 'tag';
              closing = true;
              afterEquals = false;
            } else {
              const next = html[i]!.toLowerCase();
              if (next === hiddenBy[word.length]) word += next;
              else word = c === 60 ? '<' : '';
              i++;
            }
            break;
        }
      }
      return out;
    },
    end() {
      const rest = state === 'entity' ? entityText(word, false) : state === 'open' ? '<' : '';
      state = 'text';
      word = '';
      return rest;
    },
  };
}

function isNameCharacter(c: number): boolean {
  return isLetter(c) || (c >= 48 && c <= 57) || c === 45 || c === 58;
}

function isLetter(c: number): boolean {
  const lower = c | 32;
  return lower >= 97 && lower <= 122;
}

function entityText(name: string, closed: boolean): string {
  if (name.charCodeAt(0) === 35) {
    const code = numericEntity(name);
    if (code !== undefined) return String.fromCodePoint(code);
  } else {
    const known = entities.get(name) ?? (name.toLowerCase() === name ? undefined : entities.get(name.toLowerCase()));
    if (known !== undefined) return known;
  }
  return closed ? `&${name};` : `&${name}`;
}

function numericEntity(name: string): number | undefined {
  const hex = name[1] === 'x' || name[1] === 'X';
  const digits = name.slice(hex ? 2 : 1);
  if (digits === '' || digits.length > 8) return undefined;
  const code = Number(hex ? `0x${digits}` : digits);
  if (!Number.isInteger(code) || code <= 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  // 128 to 159 mean what they mean in Windows-1252 (HTML standard, numeric character references).
  return code >= 128 && code <= 159 ? decodeWindows1252(Uint8Array.of(code)).charCodeAt(0) : code;
}

/** The entities of Latin 1 in the order of their code points from U+00A0, and the common others. */
const latin1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'.split(
    ' ',
  );

const entities = new Map<string, string>([
  ...latin1.map((name, i): [string, string] => [name, String.fromCharCode(160 + i)]),
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['euro', '\u20ac'],
  ['hellip', '\u2026'],
  ['ndash', '\u2013'],
  ['mdash', '\u2014'],
  ['lsquo', '\u2018'],
  ['rsquo', '\u2019'],
  ['sbquo', '\u201a'],
  ['ldquo', '\u201c'],
  ['rdquo', '\u201d'],
  ['bdquo', '\u201e'],
  ['lsaquo', '\u2039'],
  ['rsaquo', '\u203a'],
  ['bull', '\u2022'],
  ['trade', '\u2122'],
  ['oelig', '\u0153'],
  ['OElig', '\u0152'],
  ['scaron', '\u0161'],
  ['Scaron', '\u0160'],
  ['Yuml', '\u0178'],
  ['ensp', '\u2002'],
  ['emsp', '\u2003'],
  ['thinsp', '\u2009'],
  ['zwnj', '\u200c'],
  ['zwj', '\u200d'],
  ['rarr', '\u2192'],
  ['larr', '\u2190'],
  ['minus', '\u2212'],
  ['permil', '\u2030'],
]);
