/**
 * The reader's labels: names, colours and order follow them (settings, under `label:`); a keyword found on a message seen so far
 * joins with the name and colour that its letters give. What changes many messages is in `organise/label-acts.ts`.
 */
import { t } from '../i18n/text.svelte.js';
import { isLabel, keywordOf, type Label, labelOf } from '../model/labels.js';
import { settings } from './settings.svelte.js';

const prefix = 'label:';
/** Somebody else's program may mark each message with a keyword of its own. */
const mostMet = 100;

interface Kept {
  readonly name?: unknown;
  readonly hue?: unknown;
  readonly order?: unknown;
  readonly hidden?: unknown;
}

function read(keyword: string, value: unknown): Label & { readonly order: number } {
  const { name, hue, order, hidden } = (typeof value === 'object' && value !== null ? value : {}) as Kept;
  const usual = labelOf(keyword, [], t.text.programLabels);
  return {
    keyword,
    name: typeof name === 'string' && name !== '' ? name : usual.name,
    hue: typeof hue === 'number' && hue >= 1 && hue <= 6 ? Math.trunc(hue) : usual.hue,
    hidden: hidden === true,
    order: typeof order === 'number' ? order : Number.MAX_SAFE_INTEGER,
  };
}

const known = $derived(
  settings
    .under(prefix)
    .filter(([keyword]) => isLabel(keyword))
    .map(([keyword, value]) => read(keyword, value))
    .toSorted((a, b) => a.order - b.order || a.name.localeCompare(b.name)),
);

const kept = ({ name, hue, hidden }: Label, order: number): object => ({ name, hue, order, ...(hidden && { hidden }) });

export const labels = {
  /** In the reader's order. */
  get all(): readonly Label[] {
    return known;
  },
  of: (keyword: string): Label => labelOf(keyword, known, t.text.programLabels),
  on: (keywords: Readonly<Record<string, true>>): readonly Label[] =>
    Object.keys(keywords)
      .filter(isLabel)
      .map((keyword) => labels.of(keyword)),
  /** Labels on messages just seen join the side bar. */
  meet(keywords: Iterable<string>): void {
    const news = [...new Set(keywords)].filter((one) => isLabel(one) && !known.some((label) => label.keyword === one));
    if (news.length === 0 || known.length + news.length > mostMet) return;
    settings.change(Object.fromEntries(news.map((keyword) => [prefix + keyword, {}])));
  },
  /** The label of that name, made if there is none; undefined when the name holds nothing a keyword may hold. */
  create(name: string, hue?: number): Label | undefined {
    const keyword = keywordOf(name);
    if (keyword === '' || !isLabel(keyword)) return undefined;
    const found = known.find((one) => one.keyword === keyword);
    if (found !== undefined) return found;
    const label = { ...labelOf(keyword, []), name: name.trim() };
    const made = hue === undefined ? label : { ...label, hue };
    settings.change({ [prefix + keyword]: kept(made, known.length) });
    return made;
  },
  change(keyword: string, change: Partial<Omit<Label, 'keyword'>>): void {
    const order = known.findIndex((one) => one.keyword === keyword);
    settings.change({
      [prefix + keyword]: kept({ ...labels.of(keyword), ...change }, order < 0 ? known.length : order),
    });
  },
  /** One place up or down. */
  move(keyword: string, by: 1 | -1): void {
    const from = known.findIndex((one) => one.keyword === keyword);
    const to = from + by;
    if (from < 0 || to < 0 || to >= known.length) return;
    const order = [...known];
    order.splice(to, 0, ...order.splice(from, 1));
    settings.change(Object.fromEntries(order.map((label, index) => [prefix + label.keyword, kept(label, index)])));
  },
  forget(keyword: string): void {
    settings.change({ [prefix + keyword]: null });
  },
};
