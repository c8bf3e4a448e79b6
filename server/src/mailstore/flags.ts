/**
 * Flags as the store keeps them: four words of 32 bits a message (store.md section 5). Word 0 holds the five system flags and
 * the account's keywords 0 to 26; words 1 to 3 hold keywords 27 to 122. Keyword i of the account's table is bit 5 + i of
 * the 128. Front ends format from words, so that a flag listing of 100,000 messages makes no object per message.
 */
export type FlagWords = readonly [number, number, number, number];

export const noFlags: FlagWords = [0, 0, 0, 0];

/** RFC 9051 2.3.2. \Recent is not kept: RECENT is always 0. */
export const systemFlags = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'] as const;
export type SystemFlag = (typeof systemFlags)[number];

export const answeredBit = 1 << 0;
export const flaggedBit = 1 << 1;
export const deletedBit = 1 << 2;
export const seenBit = 1 << 3;
export const draftBit = 1 << 4;

/** Keywords an account may have; then PERMANENTFLAGS loses `\*`. */
export const maxKeywords = 123;
