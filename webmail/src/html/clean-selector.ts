/**
 * Rewrites the selectors of a message for its frame: classes and ids get the prefix that the elements got, `body` and
 * `html` become what stands for them, and a selector that looks at state, attributes or relations a message has no business
 * with (`:hover`, `:visited`, `:has`, `[value^=a]`) is left out. One pass, linear; takes what the browser's parser has
 * serialised, and drops what it does not know.
 */
import { bodyClass, namePrefix } from './allowed-html.js';

const maxSelectorLength = 400;
const pseudoClasses = new Set(['first-child', 'last-child', 'only-child', 'first-of-type', 'last-of-type', 'link']);

/** The selectors of the list that may stay, or an empty string. */
export function cleanSelectorList(list: string): string {
  return list
    .split(',')
    .map((one) => cleanSelector(one.trim()))
    .filter((one) => one !== '')
    .join(', ');
}

function isNameCharacter(c: string): boolean {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c === '-' || c === '_';
}

function cleanSelector(selector: string): string {
  if (selector.length > maxSelectorLength) return '';
  let out = '';
  let at = 0;
  const name = (): string => {
    const from = at;
    while (at < selector.length && isNameCharacter(selector[at]!)) at++;
    return selector.slice(from, at);
  };
  while (at < selector.length) {
    const c = selector[at]!;
    if (c === '.' || c === '#') {
      at++;
      const word = name();
      if (word === '') return '';
      out += `${c}${namePrefix}${word}`;
    } else if (c === ':') {
      at++;
      const word = name();
      if (word === 'root') out += `.${bodyClass}`;
      else if (pseudoClasses.has(word)) out += `:${word}`;
      else return '';
    } else if (isNameCharacter(c)) {
      const word = name().toLowerCase();
      out += word === 'body' || word === 'html' ? `.${bodyClass}` : word;
    } else if (c === ' ' || c === '>' || c === '+' || c === '~' || c === '*') {
      out += c;
      at++;
    } else {
      return '';
    }
  }
  // `html body p` names the same element twice: there is one here.
  return out
    .replaceAll(`.${bodyClass} .${bodyClass}`, `.${bodyClass}`)
    .replaceAll(`.${bodyClass} > .${bodyClass}`, `.${bodyClass}`);
}
