/**
 * How a message uses colour, which decides its sheet in the dark: one without colours of its own takes the reader's; one
 * that only writes in dark ink on white can be turned safely; one that paints grounds stays on white paper until the
 * reader asks otherwise.
 */
export type ColourUse = 'none' | 'ink' | 'painted';

export function colourUse(body: HTMLElement, css: string): ColourUse {
  let inked = css.includes('color:');
  if (paints(css)) return 'painted';
  for (const element of [body, ...body.querySelectorAll<HTMLElement>('[style], [bgcolor], [color]')]) {
    const ground = element.getAttribute('bgcolor');
    if (ground !== null && !isWhite(ground)) return 'painted';
    const style = element.getAttribute('style') ?? '';
    if (paints(style)) return 'painted';
    inked ||= element.hasAttribute('color') || style.includes('color:');
  }
  return inked ? 'ink' : 'none';
}

/** Looks at text that clean-css.ts wrote: `property: value;`, nothing else. */
function paints(css: string): boolean {
  if (css.includes('background-image: linear') || css.includes('background-image: radial')) return true;
  const mark = 'background-color: ';
  for (let at = css.indexOf(mark); at >= 0; at = css.indexOf(mark, at + 1)) {
    const end = css.indexOf(';', at);
    if (!isWhite(css.slice(at + mark.length, end < 0 ? undefined : end).replace(' !important', ''))) return true;
  }
  return false;
}

const white = new Set([
  'white',
  '#fff',
  '#ffffff',
  'rgb(255, 255, 255)',
  'transparent',
  'rgba(0, 0, 0, 0)',
  'initial',
  'inherit',
  'unset',
]);

function isWhite(colour: string): boolean {
  return white.has(colour.trim().toLowerCase());
}
