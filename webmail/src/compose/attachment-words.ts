/**
 * Does a text speak of a file that comes with it? Asked when nothing is attached, of what the writer wrote himself, not of
 * what he quotes. French and English, without accents and case, whole words only; one pass over the text.
 */

const phrases = [
  'ci joint',
  'ci jointe',
  'ci joints',
  'ci jointes',
  'ci apres le fichier',
  'piece jointe',
  'pieces jointes',
  'fichier joint',
  'fichiers joints',
  'document joint',
  'documents joints',
  'en attache',
  'en pj',
  'la pj',
  'les pj',
  'je joins',
  'je vous joins',
  'joint a ce message',
  'joint a ce mail',
  'jointe a ce message',
  'attached',
  'attachment',
  'attachments',
  'attaching',
  'i attach',
  'we attach',
  'enclosed',
  'enclosing',
] as const;

const firstWords = new Map<string, readonly (readonly string[])[]>();
for (const phrase of phrases) {
  const words = phrase.split(' ');
  firstWords.set(words[0]!, [...(firstWords.get(words[0]!) ?? []), words]);
}

/** A long letter says it near its beginning or its end; more is not looked at. */
const maxOctets = 100_000;

export function speaksOfAttachment(text: string): boolean {
  const words = text
    .slice(0, maxOctets)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word, at) =>
    (firstWords.get(word) ?? []).some((phrase) => phrase.every((one, i) => words[at + i] === one)),
  );
}
