/**
 * What a text in a filter asks for (RFC 8621 4.4.1): words in any order, all of them, each anywhere inside of what people see; what
 * stands in quotes is one phrase. An empty text asks for nothing.
 */
export function searchWords(text: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  let quoted: string | undefined;
  const flush = (): void => {
    if (word.trim() !== '') words.push(word);
    word = '';
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\\' && quoted !== undefined && i + 1 < text.length && '"\'\\'.includes(text[i + 1]!)) {
      word += text[++i];
    } else if (quoted !== undefined) {
      if (c === quoted) {
        quoted = undefined;
        flush();
      } else word += c;
    } else if ((c === '"' || c === "'") && word === '' && text.includes(c, i + 1)) quoted = c;
    else if (c.trim() === '') flush();
    else word += c;
  }
  flush();
  return words.slice(0, maxWords);
}

/** Each is looked for in every message that the others leave. */
const maxWords = 32;
