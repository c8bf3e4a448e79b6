/**
 * Flags as they go out. A message's flags are four words (see mailstore/flags.ts: word 0 holds the five system flags and
 * keywords 0 to 26, words 1 to 3 the keywords 27 to 122); each combination is formatted once and then copied as octets.
 */
const systemFlags = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'] as const;
const keywordsInFirstWord = 27;
/** Combinations kept: a mailbox has a few dozen; a client that makes thousands shall not fill memory. */
const maxCombinations = 4096;

export interface FlagFormatter {
  /** `(\Seen $Forwarded)`. Not to be written to. */
  format(word0: number, word1: number, word2: number, word3: number): Uint8Array;
}

/** `keywords`: the account's table; it may grow after, by appending only. */
export function createFlagFormatter(keywords: readonly string[]): FlagFormatter {
  // Most messages carry no keyword of the words 1 to 3.
  const byFirstWord = new Map<number, Uint8Array>();
  const byAllWords = new Map<string, Uint8Array>();
  let known = keywords.length;

  /** A combination that was formatted while a keyword of it was not in the table yet lacks its name. */
  function forgetIfGrown(): void {
    if (keywords.length === known) return;
    known = keywords.length;
    byFirstWord.clear();
    byAllWords.clear();
  }

  return {
    format(word0, word1, word2, word3) {
      forgetIfGrown();
      if ((word1 | word2 | word3) === 0) {
        const cached = byFirstWord.get(word0);
        if (cached !== undefined) return cached;
        if (byFirstWord.size >= maxCombinations) byFirstWord.clear();
        const octets = Buffer.from(`(${flagNames(keywords, word0, 0, 0, 0).join(' ')})`, 'latin1');
        byFirstWord.set(word0, octets);
        return octets;
      }
      const key = `${word0},${word1},${word2},${word3}`;
      const cached = byAllWords.get(key);
      if (cached !== undefined) return cached;
      if (byAllWords.size >= maxCombinations) byAllWords.clear();
      const octets = Buffer.from(`(${flagNames(keywords, word0, word1, word2, word3).join(' ')})`, 'latin1');
      byAllWords.set(key, octets);
      return octets;
    },
  };
}

/** The names of the bits that are set; a bit whose keyword is not in the table (it came later) is left out. */
export function flagNames(
  keywords: readonly string[],
  word0: number,
  word1: number,
  word2: number,
  word3: number,
): string[] {
  const names: string[] = [];
  for (let i = 0; i < 5; i++) if ((word0 & (1 << i)) !== 0) names.push(systemFlags[i]!);
  for (let i = 0; i < keywordsInFirstWord; i++) addKeyword(keywords, names, word0, i + 5, i);
  for (let i = 0; i < 32; i++) addKeyword(keywords, names, word1, i, keywordsInFirstWord + i);
  for (let i = 0; i < 32; i++) addKeyword(keywords, names, word2, i, keywordsInFirstWord + 32 + i);
  for (let i = 0; i < 32; i++) addKeyword(keywords, names, word3, i, keywordsInFirstWord + 64 + i);
  return names;
}

function addKeyword(keywords: readonly string[], names: string[], word: number, bit: number, index: number): void {
  if ((word & (1 << bit)) === 0) return;
  const keyword = keywords[index];
  if (keyword !== undefined) names.push(keyword);
}
