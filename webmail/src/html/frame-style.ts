/** The sheet a message lies on: our type and colours, below everything that the message says itself. */
import { bodyClass } from './allowed-html.js';

export interface SheetColours {
  readonly ground: string;
  readonly ink: string;
  readonly quiet: string;
  readonly link: string;
  readonly line: string;
  readonly scheme: 'light' | 'dark';
  readonly font: string;
  readonly sizePx: number;
}

/** The colours of the page around, for a message that has none of its own. */
export function sheetOfPage(): SheetColours {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ground: token('--surface'),
    ink: token('--text'),
    quiet: token('--text-2'),
    link: token('--accent-text'),
    line: token('--line'),
    scheme: style.colorScheme.includes('dark') ? 'dark' : 'light',
    font: token('--font'),
    sizePx: matchMedia('(pointer: coarse)').matches ? 16 : 15,
  };
}

/** White paper in any theme, for a message that paints. */
export function whitePaper(page: SheetColours): SheetColours {
  return {
    ...page,
    ground: '#ffffff',
    ink: '#141b1f',
    quiet: '#4a565d',
    link: '#12607d',
    line: '#e3e8ea',
    scheme: 'light',
  };
}

export function frameStyle(colours: SheetColours): string {
  return `
:root { color-scheme: ${colours.scheme}; background: ${colours.ground}; overflow-y: hidden; overflow-x: auto; }
body { margin: 0; }
.${bodyClass} { display: flow-root; box-sizing: border-box; margin: 0; color: ${colours.ink}; font: 400 ${colours.sizePx}px/1.6 ${colours.font}; overflow-wrap: break-word; }
.${bodyClass} a { color: ${colours.link}; text-underline-offset: 2px; }
.${bodyClass} a:focus-visible { outline: 2px solid ${colours.link}; outline-offset: 2px; border-radius: 4px; }
.${bodyClass} img { max-width: 100%; height: auto; }
.${bodyClass} img:not([src]) { box-sizing: border-box; min-width: 24px; min-height: 24px; border: 1px dashed ${colours.quiet}; border-radius: 4px; color: ${colours.quiet}; font: 12px/1.4 ${colours.font}; }
.${bodyClass} pre { white-space: pre-wrap; }
.${bodyClass} table { font-size: inherit; }
.${bodyClass} blockquote { margin: 0 0 0 2px; padding: 0 0 0 14px; border-left: 2px solid ${colours.line}; }
.${bodyClass} > details { margin-top: 12px; }
.vm-quote > summary { display: inline-block; padding: 0 8px; border-radius: 6px; background: ${colours.line}; color: ${colours.quiet}; font: 13px/24px ${colours.font}; cursor: pointer; list-style: none; }
.vm-quote > summary:focus-visible { outline: 2px solid ${colours.link}; outline-offset: 2px; }
.vm-quote[open] > summary { margin-bottom: 12px; }
`;
}
