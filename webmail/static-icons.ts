/**
 * Lucide's icons as markup that is cloned whole. Their own component puts each icon together from data, element by element
 * and attribute by attribute, every time it is shown: a third of the time in which the page was drawn went there. What an
 * icon takes here is what this webmail gives it: `size`, `strokeWidth` and `fill`; it says nothing to a screen reader.
 */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

interface IconData {
  readonly name: string;
  readonly size: number;
  readonly node: readonly (readonly [tag: string, attributes: Readonly<Record<string, string>>])[];
}

const iconFile = /\/@lucide\/svelte\/dist\/icons\/[a-z0-9-]+\.svelte$/;

export function staticIcons(): Plugin {
  return {
    name: 'static-icons',
    enforce: 'pre',
    load(id) {
      if (!iconFile.test(id)) return null;
      const [, data] = /^const iconData = (\{.*\});$/m.exec(readFileSync(id, 'utf8')) ?? [];
      if (data === undefined) throw new Error(`${id} does not hold an icon as this version of Lucide writes it`);
      return staticIcon(JSON.parse(data) as IconData);
    },
  };
}

function staticIcon({ size, node }: IconData): string {
  const shapes = node.map(([tag, attributes]) => {
    const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
    return `<${tag}${written.join('')} />`;
  });
  return `<script>
  let { size = ${size}, strokeWidth = 2, fill = 'none' } = $props();
</script>
<svg width={size} height={size} viewBox="0 0 ${size} ${size}" {fill} stroke="currentColor" stroke-width={strokeWidth}
  stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${shapes.join('')}</svg>
`;
}
