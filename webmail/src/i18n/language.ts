/** The languages we speak, and the shape that a catalogue in one has from the catalogue in another. */
export const languages = ['fr', 'en'] as const;
export type Language = (typeof languages)[number];

/**
 * Same keys, same arguments, other words: a key that is missing in one of the two languages does not compile. French is
 * written first; `export const en: Words<typeof fr>` follows.
 */
export type Words<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => string
    ? (...args: A) => string
    : T[K] extends string
      ? string
      : Words<T[K]>;
};

/** The first of the reader's languages that we speak; French, the laboratory's, when it is none. */
export function preferredLanguage(tags: readonly string[]): Language {
  for (const tag of tags) {
    const found = languages.find((one) => tag.toLowerCase().split('-')[0] === one);
    if (found) return found;
  }
  return 'fr';
}
