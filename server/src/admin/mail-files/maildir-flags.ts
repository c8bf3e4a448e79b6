/**
 * Flags in the names of Maildir messages: `unique:2,FS`. Capital letters are the standard's, small ones are keywords that a
 * file `dovecot-keywords` of the folder names (`0 $Forwarded` is `a`).
 */
const standard: readonly (readonly [string, string])[] = [
  ['D', '\\Draft'],
  ['F', '\\Flagged'],
  ['P', '$Forwarded'],
  ['R', '\\Answered'],
  ['S', '\\Seen'],
  ['T', '\\Deleted'],
];
const byLetter = new Map(standard);
const byFlag = new Map(standard.map(([letter, flag]) => [flag.toLowerCase(), letter]));

export const maxMaildirKeywords = 26;

export interface MaildirName {
  /** What stays the same when flags change. */
  readonly unique: string;
  readonly letters: string;
}

export function splitMaildirName(file: string): MaildirName {
  // Some systems cannot have `:` in names and use `;` or `!`.
  const info = /[:;!]2,([A-Za-z]*)$/.exec(file);
  return info === null ? { unique: file, letters: '' } : { unique: file.slice(0, info.index), letters: info[1] ?? '' };
}

export function flagsOfLetters(letters: string, keywords: readonly (string | undefined)[]): string[] {
  const flags: string[] = [];
  for (const letter of letters) {
    const flag = byLetter.get(letter) ?? keywords[letter.charCodeAt(0) - 97];
    if (flag !== undefined && !flags.includes(flag)) flags.push(flag);
  }
  return flags;
}

/** Letters in ASCII order, as the standard asks. Keywords that are not in `keywords` are added while there is room. */
export function lettersOfFlags(flags: readonly string[], keywords: string[]): { letters: string; lost: string[] } {
  const letters: string[] = [];
  const lost: string[] = [];
  for (const flag of flags) {
    const letter = byFlag.get(flag.toLowerCase());
    if (letter !== undefined) {
      letters.push(letter);
      continue;
    }
    let index = keywords.findIndex((keyword) => keyword.toLowerCase() === flag.toLowerCase());
    if (index < 0 && keywords.length < maxMaildirKeywords) index = keywords.push(flag) - 1;
    if (index < 0) lost.push(flag);
    else letters.push(String.fromCharCode(97 + index));
  }
  return { letters: letters.sort().join(''), lost };
}

export function parseKeywordsFile(text: string): (string | undefined)[] {
  const keywords: (string | undefined)[] = [];
  for (const line of text.split('\n')) {
    const match = /^(\d{1,2}) (\S+)\s*$/.exec(line);
    if (match?.[1] !== undefined && Number(match[1]) < maxMaildirKeywords) keywords[Number(match[1])] = match[2];
  }
  return keywords;
}

export const formatKeywordsFile = (keywords: readonly string[]): string =>
  keywords.map((keyword, i) => `${i} ${keyword}\n`).join('');
