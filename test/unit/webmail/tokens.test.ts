/** The colours of the interface: the two forms of the dark theme are the same, and every pair that is read has its contrast. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { checkout } from '../../harness/programs.js';

const css = readFileSync(join(checkout, 'webmail/src/ui/tokens.css'), 'utf8');

function declarations(selector: string): Map<string, string> {
  const at = css.indexOf(`${selector} {`);
  assert.ok(at >= 0, `no ${selector}`);
  const block = css.slice(css.indexOf('{', at) + 1, css.indexOf('}', at)).replace(/\/\*[\s\S]*?\*\//g, '');
  const found = new Map<string, string>();
  for (const line of block.split(';')) {
    const colon = line.indexOf(':');
    if (colon > 0)
      found.set(
        line.slice(0, colon).trim(),
        line
          .slice(colon + 1)
          .replace(/\s+/g, ' ')
          .trim(),
      );
  }
  return found;
}

const light = declarations(':root');
const dark = new Map([...light, ...declarations(':root[data-theme="dark"]')]);

function colour(theme: ReadonlyMap<string, string>, name: string): [number, number, number] {
  const value = theme.get(name) ?? '';
  const reference = /^var\((--[\w-]+)\)$/.exec(value)?.[1];
  if (reference) return colour(theme, reference);
  const hex = /^#([0-9a-f]{6})$/i.exec(value)?.[1];
  assert.ok(hex, `${name} is ${value}`);
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];
}

/** WCAG 2.2, relative luminance. */
function luminance([red, green, blue]: [number, number, number]): number {
  const linear = (value: number) =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function contrast(theme: ReadonlyMap<string, string>, front: string, ground: string): number {
  const [a, b] = [luminance(colour(theme, front)), luminance(colour(theme, ground))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Text needs 4.5, controls, dots and focus 3 (WCAG 1.4.3, 1.4.11). */
const pairs: readonly [front: string, grounds: readonly string[], least: number][] = [
  ['--text', ['--surface', '--bg', '--sunken', '--hover', '--mark'], 4.5],
  ['--text-2', ['--surface', '--bg', '--accent-soft', '--warn-soft'], 4.5],
  ['--text-3', ['--surface', '--bg', '--sunken', '--hover', '--accent-soft'], 4.5],
  ['--accent-text', ['--surface', '--bg', '--accent-soft'], 4.5],
  ['--on-accent', ['--accent'], 4.5],
  ['--on-accent-soft', ['--accent-soft'], 4.5],
  ['--ok', ['--surface', '--ok-soft'], 4.5],
  ['--warn', ['--surface', '--warn-soft'], 4.5],
  ['--danger', ['--surface', '--danger-soft'], 4.5],
  ['--on-danger', ['--danger'], 4.5],
  ['--toast-link', ['--toast'], 4.5],
  ['--line-strong', ['--surface', '--bg'], 3],
  ['--focus', ['--surface', '--accent-soft'], 3],
  ['--ok-dot', ['--surface', '--bg'], 3],
  ['--warn-dot', ['--surface', '--bg'], 3],
  ['--flag', ['--surface'], 3],
  ...[1, 2, 3, 4, 5, 6].map((n): [string, string[], number] => [`--l-${n}`, [`--l-${n}s`], 4.5]),
];

describe('the colours of the interface', () => {
  it('are the same in both forms of the dark theme', () => {
    const followed = declarations(':root:not([data-theme="light"]):not([data-theme="dark"])');
    assert.deepEqual([...followed], [...declarations(':root[data-theme="dark"]')]);
  });

  for (const [theme, values] of [
    ['light', light],
    ['dark', dark],
  ] as const) {
    for (const [front, grounds, least] of pairs) {
      for (const ground of grounds) {
        it(`can be read: ${front} on ${ground}, ${theme}`, () => {
          const ratio = contrast(values, front, ground);
          assert.ok(ratio >= least, `${ratio.toFixed(2)} is under ${least}`);
        });
      }
    }
  }
});
