/** Where what was searched stands in a text: capitals and accents make no difference, the text keeps its own. */
import { fold } from '../jmap/store/email-filter.js';

export interface Stretch {
  readonly text: string;
  readonly hit: boolean;
}

export function highlight(text: string, words: readonly string[]): readonly Stretch[] {
  const wanted = words.map(fold).filter((word) => word !== '');
  if (wanted.length === 0) return [{ text, hit: false }];
  // Folding letter by letter keeps the way back: a letter may fold to several, or to none.
  const letters = [...text];
  const starts: number[] = [];
  let folded = '';
  for (const letter of letters) {
    starts.push(folded.length);
    folded += fold(letter);
  }
  starts.push(folded.length);
  const hit = new Uint8Array(letters.length);
  for (const word of wanted) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      let index = 0;
      while ((starts[index + 1] ?? Number.POSITIVE_INFINITY) <= at) index++;
      const end = at + word.length;
      // An accent of its own folds to nothing: it goes with the letter before it.
      const isInside = (one: number): boolean => (starts[one] ?? end) < end || starts[one] === starts[one + 1];
      for (; index < letters.length && isInside(index); index++) hit[index] = 1;
    }
  }
  const stretches: Stretch[] = [];
  let from = 0;
  for (let index = 1; index <= letters.length; index++) {
    if (index < letters.length && hit[index] === hit[from]) continue;
    stretches.push({ text: letters.slice(from, index).join(''), hit: hit[from] === 1 });
    from = index;
  }
  return stretches;
}
