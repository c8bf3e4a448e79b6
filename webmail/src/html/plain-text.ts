/**
 * Reads the plain text of a message into blocks that can be shown: quote levels, paragraphs that were broken on the way
 * put together again (RFC 3676, `format=flowed`), the signature apart. Linear; nothing in it is markup.
 */
export interface TextBlock {
  /** How deep it is quoted; 0 is the sender's own. */
  readonly depth: number;
  /** An attribution introduces the quote after it: "On Monday, Anna wrote:". */
  readonly kind: 'text' | 'signature' | 'attribution';
  readonly text: string;
}

export interface TextFormat {
  readonly flowed: boolean;
  /** RFC 3676 4.2: the space at the end of a flowed line is not part of the text. */
  readonly deleteSpace: boolean;
}

/** Deeper quotes are drawn as this deep: each level narrows the column. */
const maxDepth = 8;

/** From the value of a Content-Type field, RFC 3676 4. */
export function textFormat(contentType: string | null | undefined): TextFormat {
  const value = (contentType ?? '').slice(0, 1_000).toLowerCase().replace(/[\s"]/g, '');
  return { flowed: value.includes(';format=flowed'), deleteSpace: value.includes(';delsp=yes') };
}

interface Line {
  readonly depth: number;
  readonly text: string;
  readonly flows: boolean;
}

export function readPlainText(text: string, format: TextFormat): TextBlock[] {
  const blocks: { depth: number; kind: 'text' | 'signature'; lines: string[] }[] = [];
  let flowing = false;
  let signature = false;
  for (const raw of text.split('\n')) {
    const line = readLine(raw.endsWith('\r') ? raw.slice(0, -1) : raw, format);
    if (line.depth > 0) signature = false;
    else if (isSignatureMark(line.text)) signature = true;
    const kind = signature ? 'signature' : 'text';
    const last = blocks.at(-1);
    if (!last || last.depth !== line.depth || last.kind !== kind) {
      blocks.push({ depth: line.depth, kind, lines: [line.text] });
    } else if (flowing) {
      // RFC 3676 4.1: a flowed line and what follows at the same depth are one paragraph.
      last.lines.push(last.lines.pop()! + line.text);
    } else {
      last.lines.push(line.text);
    }
    flowing = line.flows;
  }
  return blocks.flatMap(({ depth, kind, lines }, index): TextBlock[] => {
    const quoteFollows = (blocks[index + 1]?.depth ?? 0) > depth;
    const from = quoteFollows ? attributionStart(lines) : lines.length;
    const own = { depth, kind, text: joined(lines.slice(0, from)) };
    const introducing = { depth, kind: 'attribution' as const, text: joined(lines.slice(from)) };
    return [own, introducing].filter((block) => block.text !== '');
  });
}

function joined(lines: readonly string[]): string {
  let end = lines.length;
  while (end > 0 && lines[end - 1]!.trim() === '') end--;
  return lines.slice(0, end).join('\n').trimEnd();
}

const maxAttributionLines = 3;

/** Where the last paragraph begins, if it is short and ends in a colon. */
function attributionStart(lines: readonly string[]): number {
  let end = lines.length;
  while (end > 0 && lines[end - 1]!.trim() === '') end--;
  if (end === 0 || !lines[end - 1]!.trimEnd().endsWith(':')) return lines.length;
  let start = end - 1;
  while (start > 0 && lines[start - 1]!.trim() !== '') start--;
  return end - start <= maxAttributionLines && !isSignatureMark(lines[start]!) ? start : lines.length;
}

function isSignatureMark(text: string): boolean {
  return text === '-- ' || text === '--';
}

function readLine(raw: string, format: TextFormat): Line {
  let depth = 0;
  let at = 0;
  if (format.flowed) {
    // RFC 3676 4.5: the marks stand together at the start, then perhaps one space that was stuffed.
    while (raw[at] === '>') {
      depth++;
      at++;
    }
    if (raw[at] === ' ') at++;
  } else {
    // Others write `> > >` as well; an indented mark is text.
    while (raw[at] === '>') {
      depth++;
      at++;
      if (raw[at] === ' ' && raw[at + 1] === '>') at++;
    }
    if (depth > 0 && raw[at] === ' ') at++;
  }
  const content = raw.slice(at);
  const flows = format.flowed && content.endsWith(' ') && !isSignatureMark(content);
  return {
    depth: Math.min(depth, maxDepth),
    text: flows && format.deleteSpace ? content.slice(0, -1) : content,
    flows,
  };
}

/**
 * Where the text that merely repeats the earlier messages begins: the last run of quoted blocks, with the line that
 * introduces it, when nothing but a signature follows. `blocks.length` when there is none.
 */
export function trailingQuoteStart(blocks: readonly TextBlock[]): number {
  let end = blocks.length;
  while (end > 0 && blocks[end - 1]!.kind === 'signature') end--;
  let start = end;
  while (start > 0 && blocks[start - 1]!.depth > 0) start--;
  if (start < end && start > 1 && blocks[start - 1]!.kind === 'attribution') start--;
  return start === end || start === 0 ? blocks.length : start;
}
