/** Header text beyond ASCII as encoded words (RFC 2047 2): UTF-8 in base64, no word over 75 characters, no character cut. */

/** Octets of UTF-8 in one word: 45 give 60 of base64, 72 with `=?utf-8?B?` and `?=`. */
const maxWordOctets = 45;

/** Text without controls as encoded words, also where it is ASCII. `column`: where on its line the first one begins. */
export function encodedWords(text: string, column = 0): readonly string[] {
  const words: string[] = [];
  let room = Math.max(12, maxWordOctets - 3 * Math.ceil(column / 4));
  let word = '';
  let octets = 0;
  const flush = (): void => {
    words.push(`=?utf-8?B?${Buffer.from(word).toString('base64')}?=`);
    word = '';
    octets = 0;
    room = maxWordOctets;
  };
  for (const character of text) {
    const length = Buffer.byteLength(character);
    if (octets + length > room) flush();
    word += character;
    octets += length;
  }
  flush();
  return words;
}
