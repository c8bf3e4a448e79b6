/**
 * Cleans the style sheets and style attributes of a message.
 *
 * The text is read by the browser's own parser in the cleaning realm (`CSSStyleSheet`, `CSSStyleDeclaration`), and what is
 * kept is written anew from the values it serialises: escapes are resolved, shorthands split, `@import` gone, so there is
 * no second parser whose reading could differ. Kept: declarations on the list of properties whose functions only compute,
 * rules whose selectors pass clean-selector.ts, and `@media` on the width. A sheet that is never adopted loads nothing.
 *
 * Never throws: what cannot be read is left out.
 */
import {
  allowedFunctions,
  allowedProperties,
  maxCssLength,
  maxCssRules,
  maxLengthPx,
  maxValueLength,
} from './allowed-html.js';
import { cleanSelectorList } from './clean-selector.js';
import type { CleaningRealm } from './cleaning-realm.js';

/** The sheets of one message, in order, as one clean text. */
export function cleanStyleSheets(realm: CleaningRealm, texts: readonly string[]): string {
  const sheet = new realm.CSSStyleSheet();
  try {
    // Old mail hides its style in an HTML comment; the parser of style sheets skips the marks itself.
    sheet.replaceSync(texts.join('\n').slice(0, maxCssLength));
  } catch {
    return '';
  }
  const out: string[] = [];
  const budget = { rules: maxCssRules };
  for (const rule of sheet.cssRules) {
    if (budget.rules <= 0) break;
    if (rule instanceof realm.CSSMediaRule) {
      const condition = cleanMedia(rule.media.mediaText);
      if (condition === undefined) continue;
      const inner: string[] = [];
      for (const nested of rule.cssRules) {
        if (budget.rules-- <= 0) break;
        if (nested instanceof realm.CSSStyleRule) writeRule(nested, inner);
      }
      if (inner.length > 0) out.push(`@media ${condition} {\n${inner.join('\n')}\n}`);
    } else if (rule instanceof realm.CSSStyleRule) {
      budget.rules--;
      writeRule(rule, out);
    }
  }
  return out.join('\n');
}

function writeRule(rule: CSSStyleRule, out: string[]): void {
  const selectors = cleanSelectorList(rule.selectorText);
  if (selectors === '') return;
  const declarations = cleanDeclarations(rule.style);
  if (declarations !== '') out.push(`${selectors} { ${declarations} }`);
}

/** What a style may say, written anew. */
export function cleanDeclarations(style: CSSStyleDeclaration): string {
  const kept: string[] = [];
  for (const property of style) {
    if (!allowedProperties.has(property)) continue;
    const value = style.getPropertyValue(property);
    if (!isAllowedValue(property, value)) continue;
    const important = style.getPropertyPriority(property) === 'important' ? ' !important' : '';
    kept.push(`${property}: ${value}${important};`);
  }
  return kept.join(' ');
}

function isAllowedValue(property: string, value: string): boolean {
  if (value === '' || value.length > maxValueLength || value.includes('\\')) return false;
  // A style element ends at `</`, an attribute is quoted anew; neither is needed in a value.
  if (value.includes('<') || value.includes('{') || value.includes('}') || value.includes(';')) return false;
  if (property === 'display' && value === 'contents') return false;
  return functionsAllowed(value) && lengthsAllowed(property, value);
}

function functionsAllowed(value: string): boolean {
  for (let at = value.indexOf('('); at >= 0; at = value.indexOf('(', at + 1)) {
    let from = at;
    while (from > 0 && /[\w-]/.test(value[from - 1]!)) from--;
    const name = value.slice(from, at).toLowerCase();
    if (name !== '' && !allowedFunctions.has(name)) return false;
  }
  return true;
}

const mayBeNegative = new Set([
  'letter-spacing',
  'word-spacing',
  'background-position-x',
  'background-position-y',
  'box-shadow',
  'order',
]);

/** No length of a million screens, none that pulls one thing over another, none that grows with the frame that grows with it. */
function lengthsAllowed(property: string, value: string): boolean {
  for (const [, number, unit] of value.matchAll(/(-?\d*\.?\d+(?:e[+-]?\d+)?)([a-z%]*)/gi)) {
    const amount = Number(number);
    const kind = (unit ?? '').toLowerCase();
    if (/^(?:[sld]?v(?:w|h|i|b|min|max)|cq.*)$/.test(kind)) return false;
    if (amount < 0 && !mayBeNegative.has(property)) return false;
    if (kind !== '' && kind !== '%' && Math.abs(amount) > maxLengthPx) return false;
    if (kind === '%' && Math.abs(amount) > 400) return false;
  }
  return true;
}

/** `screen and (max-width: 600px)` and its like; anything else says more about the reader than the width of the pane. */
function cleanMedia(text: string): string | undefined {
  if (text.length > 200) return undefined;
  const queries = text.toLowerCase().split(',');
  const kept = queries.map((query) => query.trim()).filter(isWidthQuery);
  return kept.length > 0 ? kept.join(', ') : undefined;
}

function isWidthQuery(query: string): boolean {
  const parts = query.split(' and ').map((part) => part.trim().replace(/^only /, ''));
  return parts.every(
    (part) =>
      part === 'screen' ||
      part === 'all' ||
      /^\((?:min-|max-)(?:device-)?width: \d{1,5}(?:\.\d{1,4})?(?:px|em)\)$/.test(part) ||
      /^\(width [<>]=? \d{1,5}(?:\.\d{1,4})?(?:px|em)\)$/.test(part),
  );
}
