/**
 * The language a text is written in, French or English, by the small words that only one of the two has: the browser's spelling
 * checker is told. undefined while too little is there to say.
 */
const own: Readonly<Record<'fr' | 'en', ReadonlySet<string>>> = {
  fr: new Set(
    'le la les un une des du de et est sont je tu il elle nous vous ils elles ce cette ces mon ma mes votre vos notre nos pour dans avec sur pas ne que qui mais ou où au aux se si bonjour merci bien cordialement'.split(
      ' ',
    ),
  ),
  en: new Set(
    'the a an of and is are i you he she we they this that these those my your our for in with to not but or at if it be have has will would can could from hello dear thanks thank best regards'.split(
      ' ',
    ),
  ),
};
/** A text changes its language seldom: what was written last tells. */
const mostLetters = 3_000;
const leastHits = 3;

export function textLanguage(text: string): 'fr' | 'en' | undefined {
  const words = text
    .slice(-mostLetters)
    .toLowerCase()
    .split(/[^\p{L}]+/u);
  const hits = { fr: 0, en: 0 };
  for (const word of words) {
    if (own.fr.has(word)) hits.fr++;
    if (own.en.has(word)) hits.en++;
  }
  const [more, less] = hits.fr >= hits.en ? (['fr', 'en'] as const) : (['en', 'fr'] as const);
  return hits[more] >= leastHits && hits[more] > 1.5 * hits[less] ? more : undefined;
}
