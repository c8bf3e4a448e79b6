/**
 * Turns the colours of a message for a dark sheet: light grounds become dark ones of the same hue, dark ink light, and
 * what is in between keeps its place. Works on what the browser computed, so it does not matter how the message said it;
 * images stay as they are. Returns the way back.
 */
import type { CleaningRealm } from './cleaning-realm.js';
import type { SheetColours } from './frame-style.js';

/** Past this many elements the page would be held up; the rest inherits. */
const maxElements = 20_000;

export function darken(realm: CleaningRealm, body: HTMLElement, colours: SheetColours): () => void {
  const changes: { element: HTMLElement; property: string; value: string }[] = [];
  const before: { element: HTMLElement; style: string | null }[] = [];
  const elements = [body, ...body.querySelectorAll<HTMLElement>('*')].slice(0, maxElements);
  // All is read before anything is written, so that the styles are computed once.
  for (const element of elements) {
    const style = realm.getComputedStyle(element);
    const parent = element === body ? undefined : element.parentElement;
    const parentStyle = parent ? realm.getComputedStyle(parent) : undefined;
    const ground = readColour(style.backgroundColor);
    if (ground && ground.alpha > 0) {
      const value = isPaper(ground) ? colours.ground : write(turnGround(ground));
      changes.push({ element, property: 'background-color', value });
    }
    const ink = readColour(style.color);
    if (ink && style.color !== parentStyle?.color && element !== body) {
      changes.push({
        element,
        property: 'color',
        value: isOwnLink(element, style.color) ? colours.link : write(turnInk(ink)),
      });
    }
    for (const side of ['top', 'right', 'bottom', 'left']) {
      const property = `border-${side}-color`;
      const line = readColour(style.getPropertyValue(property));
      if (line && line.alpha > 0 && style.getPropertyValue(`border-${side}-style`) !== 'none') {
        changes.push({ element, property, value: write(turnGround(line)) });
      }
    }
  }
  let last: HTMLElement | undefined;
  for (const { element, property, value } of changes) {
    if (element !== last) before.push({ element, style: element.getAttribute('style') });
    last = element;
    element.style.setProperty(property, value, 'important');
  }
  return () => {
    for (const { element, style } of before) {
      if (style === null) element.removeAttribute('style');
      else element.setAttribute('style', style);
    }
  };
}

/** The blue that browsers give to links says nothing of the message's taste. */
function isOwnLink(element: HTMLElement, colour: string): boolean {
  return element.localName === 'a' && colour === 'rgb(0, 0, 238)';
}

export interface Colour {
  readonly hue: number;
  readonly saturation: number;
  readonly lightness: number;
  readonly alpha: number;
}

/** Light grounds become dark ones, the lightest the darkest; what is dark already, a button or a band, stays. */
export function turnGround(colour: Colour): Colour {
  if (colour.lightness < 0.5) return { ...colour, lightness: Math.min(colour.lightness, 0.36) };
  return { ...colour, saturation: colour.saturation * 0.7, lightness: 0.1 + (1 - colour.lightness) * 0.34 };
}

/** Dark ink becomes light; light ink stood on a dark ground, and still does. */
export function turnInk(colour: Colour): Colour {
  if (colour.lightness >= 0.62) return colour;
  return { ...colour, saturation: colour.saturation * 0.9, lightness: 0.93 - colour.lightness * 0.35 };
}

const isPaper = ({ saturation, lightness }: Colour): boolean =>
  lightness > 0.97 || (lightness > 0.93 && saturation < 0.1);

/** `rgb(r, g, b)` and `rgba(r, g, b, a)`, as computed styles give them; others stay as they are. */
export function readColour(text: string): Colour | undefined {
  if (!text.startsWith('rgb')) return undefined;
  const [red = 0, green = 0, blue = 0, alpha = 1] = text
    .slice(text.indexOf('(') + 1, -1)
    .split(',')
    .map(Number);
  const [r, g, b] = [red / 255, green / 255, blue / 255] as const;
  const max = Math.max(r, g, b);
  const min = Math.min(r, g, b);
  const lightness = (max + min) / 2;
  const spread = max - min;
  if (spread === 0) return { hue: 0, saturation: 0, lightness, alpha };
  const saturation = spread / (1 - Math.abs(2 * lightness - 1));
  const sixth = max === r ? ((g - b) / spread + 6) % 6 : max === g ? (b - r) / spread + 2 : (r - g) / spread + 4;
  return { hue: sixth * 60, saturation, lightness, alpha };
}

function write({ hue, saturation, lightness, alpha }: Colour): string {
  return `hsl(${hue.toFixed(1)} ${(saturation * 100).toFixed(1)}% ${(lightness * 100).toFixed(1)}% / ${alpha})`;
}
