/** The sheet a message lies on: our type and colours, below everything that the message says itself. */
import { bodyClass, heldClass } from './allowed-html.js';

export interface SheetColours {
  readonly ground: string;
  readonly ink: string;
  readonly quiet: string;
  readonly link: string;
  readonly line: string;
  /** Under what was searched for. */
  readonly mark: string;
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
    mark: token('--mark'),
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
    mark: '#fbe3a6',
    scheme: 'light',
  };
}

/** Weighs nothing (`:where`), so that whatever the message says goes before it. */
export function frameStyle(colours: SheetColours): string {
  const body = `:where(.${bodyClass})`;
  return `
:root { color-scheme: ${colours.scheme}; background: ${colours.ground}; overflow-y: hidden; overflow-x: auto; }
body { margin: 0; }
${body} { display: flow-root; box-sizing: border-box; margin: 0; color: ${colours.ink}; font: 400 ${colours.sizePx}px/1.6 ${colours.font}; overflow-wrap: break-word; }
${body} > :where(:first-child, :first-child > :first-child) { margin-top: 0; }
${body} > :where(:last-child, :last-child > :last-child) { margin-bottom: 0; }
${body} :where(a) { color: ${colours.link}; text-underline-offset: 2px; }
${body} :where(a:focus-visible, summary:focus-visible) { outline: 2px solid ${colours.link}; outline-offset: 2px; border-radius: 4px; }
${body} :where(img) { max-width: 100%; height: auto; }
${body} :where(pre) { white-space: pre-wrap; }
${body} :where(table) { font-size: inherit; }
${body} :where(blockquote) { margin: 0 0 0 2px; padding: 0 0 0 14px; border-left: 2px solid ${colours.line}; }
.${heldClass} { box-sizing: border-box; outline: 1px dashed ${colours.quiet}; outline-offset: -1px; border-radius: 4px; background: ${colours.line}; opacity: 0.7; }
::highlight(found) { background-color: ${colours.mark}; color: ${colours.ink}; }
img:not([src]) { color: ${colours.quiet}; font: 12px/1.4 ${colours.font}; }
.vm-quote { margin-top: 12px; }
.vm-quote > summary { display: inline-block; padding: 0 8px; border-radius: 6px; background: ${colours.line}; color: ${colours.quiet}; font: 13px/24px ${colours.font}; cursor: pointer; list-style: none; }
.vm-quote[open] > summary { margin-bottom: 12px; }
`;
}
