/**
 * The plain twin of a rich message (RFC 2046 section 5.1.4: both say the same). Walks cleaned nodes once; blocks become
 * lines, quotes get their marks, links show where they go.
 */

/** What is read of a DOM node: the real ones fit, and so do those of a test. */
export interface ReadNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: Iterable<ReadNode>;
  getAttribute?(name: string): string | null;
}

const elementNode = 1;
const textNode = 3;
const fragmentNode = 11;
const maxDepth = 200;

/** Elements that begin and end a line; those of the second set also leave an empty one. */
const blocks = new Set(
  'ADDRESS ARTICLE ASIDE CENTER DD DIV DL DT FIGURE FOOTER FORM HEADER LI MAIN NAV SECTION TABLE TR'.split(' '),
);
const spaced = new Set('H1 H2 H3 H4 H5 H6 OL P PRE UL'.split(' '));
const silent = new Set('STYLE SCRIPT HEAD TITLE TEMPLATE NOSCRIPT'.split(' '));

export function textOfHtml(root: ReadNode): string {
  const lines: string[] = [];
  let line = '';
  let prefix = '';
  let preformatted = false;

  function endLine(): void {
    if (line.trim() !== '') lines.push(prefix + line.trimEnd());
    line = '';
  }
  function emptyLine(): void {
    endLine();
    if (lines.length > 0 && lines.at(-1) !== prefix.trimEnd()) lines.push(prefix.trimEnd());
  }
  function addText(text: string): void {
    if (preformatted) {
      const [first, ...rest] = text.split('\n');
      line += first;
      for (const one of rest) {
        lines.push(prefix + line);
        line = one;
      }
      return;
    }
    const spacedOut = text.replace(/[ \t\r\n\f]+/g, ' ');
    line += line === '' ? spacedOut.trimStart() : line.endsWith(' ') ? spacedOut.replace(/^ /, '') : spacedOut;
  }

  function lineBreak(): void {
    if (line.trim() === '') lines.push(prefix.trimEnd());
    else endLine();
    line = '';
  }
  function rule(): void {
    emptyLine();
    lines.push(`${prefix}---`);
    emptyLine();
  }

  function walk(node: ReadNode, depth: number, item?: string): void {
    if (depth > maxDepth) return;
    const name = node.nodeName.toUpperCase();
    if (node.nodeType === textNode) addText(node.textContent ?? '');
    else if (node.nodeType !== elementNode && node.nodeType !== fragmentNode) return;
    else if (name === 'BR') lineBreak();
    else if (name === 'HR') rule();
    else if (name === 'IMG') addText(node.getAttribute?.('alt') ?? '');
    else if (name === 'BLOCKQUOTE') quote(node, depth);
    else if (!silent.has(name)) element(node, name, depth, item);
  }

  function quote(node: ReadNode, depth: number): void {
    emptyLine();
    const outer = prefix;
    prefix = outer.startsWith('>') ? `>${outer}` : '> ';
    children(node, 'BLOCKQUOTE', depth);
    endLine();
    if (lines.at(-1) === prefix.trimEnd()) lines.pop();
    prefix = outer;
    lines.push(prefix.trimEnd());
  }

  function element(node: ReadNode, name: string, depth: number, item: string | undefined): void {
    const isSpaced = spaced.has(name);
    const isBlock = isSpaced || blocks.has(name);
    if (isSpaced) emptyLine();
    else if (isBlock) endLine();
    if (name === 'LI') line = item ?? '- ';
    if ((name === 'TD' || name === 'TH') && line !== '' && !line.endsWith(' ')) line += '  ';
    const before = line;
    const outer = preformatted;
    if (name === 'PRE') preformatted = true;
    children(node, name, depth);
    preformatted = outer;
    if (name === 'A') showTarget(node, before);
    if (isSpaced) emptyLine();
    else if (isBlock) endLine();
  }

  function children(node: ReadNode, name: string, depth: number): void {
    let number = 0;
    for (const child of node.childNodes) {
      const numbered = name === 'OL' && child.nodeName.toUpperCase() === 'LI';
      if (numbered) number++;
      walk(child, depth + 1, numbered ? `${number}. ` : undefined);
    }
  }

  function showTarget(node: ReadNode, before: string): void {
    const href = node.getAttribute?.('href') ?? '';
    const shown = line.slice(before.length).trim();
    const bare = href.replace(/^mailto:/i, '');
    if (/^(?:https?|mailto):/i.test(href) && bare !== shown && href !== shown) line += ` <${bare}>`;
  }

  walk(root, 0);
  endLine();
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop();
  while (lines.length > 0 && lines[0]!.trim() === '') lines.shift();
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
