/** The contrast table of the visual language (WCAG 2.2: 1.4.3 text 4.5, 1.4.11 controls 3), recomputed from the tokens. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { checkout } from '../../harness/programs.js';

const css = readFileSync(join(checkout, 'webmail/src/ui/tokens.css'), 'utf8');

type Tokens = ReadonlyMap<string, string>;

function tokensOf(selector: string): Map<string, string> {
  const start = css.indexOf(`${selector} {`);
  assert.ok(start >= 0, selector);
  const block = css.slice(start, css.indexOf('}', start));
  return new Map(
    [...block.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value.trim()]),
  );
}

const light: Tokens = tokensOf(':root');
const dark: Tokens = new Map([...light, ...tokensOf(':root[data-theme="dark"]')]);

function colourOf(name: string, tokens: Tokens): string {
  const value = tokens.get(name) ?? assert.fail(`no token ${name}`);
  const other = /^var\((--[\w-]+)\)$/.exec(value)?.[1];
  return other === undefined ? value : colourOf(other, tokens);
}

function luminance(hex: string): number {
  const parts = /^#(..)(..)(..)$/.exec(hex)?.slice(1) ?? assert.fail(`not a colour: ${hex}`);
  const [red = 0, green = 0, blue = 0] = parts.map((part) => {
    const value = Number.parseInt(part, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(ink: string, ground: string, tokens: Tokens): number {
  const [a, b] = [luminance(colourOf(ink, tokens)), luminance(colourOf(ground, tokens))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Ink, grounds, least contrast; the figures are the table's, rounded down. */
const pairs: readonly (readonly [ink: string, grounds: readonly string[], least: number])[] = [
  ['--text', ['--surface', '--bg', '--raised', '--hover', '--accent-soft', '--warn-soft'], 4.5],
  ['--text-2', ['--surface', '--bg', '--raised', '--accent-soft', '--sunken', '--hover'], 4.5],
  ['--text-3', ['--surface', '--bg', '--sunken', '--hover', '--raised', '--accent-soft'], 4.5],
  ['--accent-text', ['--surface', '--bg', '--accent-soft'], 4.5],
  ['--on-accent', ['--accent', '--accent-hover'], 4.5],
  ['--on-accent-soft', ['--accent-soft'], 4.5],
  ['--ok', ['--surface', '--ok-soft'], 4.5],
  ['--warn', ['--surface', '--warn-soft'], 4.5],
  ['--danger', ['--surface', '--danger-soft', '--raised'], 4.5],
  ['--on-danger', ['--danger', '--danger-hover'], 4.5],
  ['--text', ['--mark'], 4.5],
  ['--toast-link', ['--toast'], 4.5],
  ['--on-toast', ['--toast'], 4.5],
  ...[1, 2, 3, 4, 5, 6].map((hue) => [`--l-${hue}`, [`--l-${hue}s`], 4.5] as const),
  ['--line-strong', ['--surface', '--bg', '--raised'], 3],
  ['--focus', ['--surface', '--accent-soft', '--bg'], 3],
  ['--ok-dot', ['--surface'], 3],
  ['--warn-dot', ['--surface'], 3],
  ['--flag', ['--surface', '--accent-soft'], 3],
];

describe('contrast of the tokens', () => {
  for (const [theme, tokens] of [
    ['light', light],
    ['dark', dark],
  ] as const) {
    it(`is enough in the ${theme} theme`, () => {
      for (const [ink, grounds, least] of pairs) {
        for (const ground of grounds) {
          const found = contrast(ink, ground, tokens);
          assert.ok(found >= least, `${ink} on ${ground}: ${found.toFixed(2)}, wanted ${least}`);
        }
      }
    });
  }

  it('is the same dark whether it is chosen or the system has it', () => {
    const media = css.slice(css.indexOf('@media (prefers-color-scheme: dark)'));
    for (const [name, value] of tokensOf(':root[data-theme="dark"]')) {
      assert.ok(media.includes(`${name}: ${value};`), `${name} differs`);
    }
  });

  it('can fail', () => {
    assert.ok(contrast('--line', '--surface', light) < 3);
  });
});
