/**
 * SASLprep (RFC 4013) of a name for looking somebody up: what is commonly mapped to nothing goes, every space is a plain one, then
 * NFKC. What RFC 4013 2.3 prohibits needs no refusal here, for no address holds it.
 */
export const prepareName = (text: string): string =>
  text
    .replaceAll(mappedToNothing, '')
    .replaceAll(/\p{Zs}/gu, ' ')
    .normalize('NFKC');

/** RFC 3454 table B.1. */
const mappedToNothing = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\u200b-\u200d]|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;
