/** Character classes of the IMAP grammar (RFC 9051 9), one table look-up an octet. 8-bit octets are in none of them. */
export const atomChar = 1;
/** ASTRING-CHAR: atoms and `]`. */
export const astringChar = 2;
/** list-char: ASTRING-CHAR and the wildcards. */
export const listChar = 4;
/** tag: ASTRING-CHAR except `+`. */
export const tagChar = 8;
export const digit = 16;

export const octetClass: Uint8Array = buildTable();

function buildTable(): Uint8Array {
  const table = new Uint8Array(256);
  const notAtom = '(){ %*"\\]';
  for (let octet = 0x21; octet < 0x7f; octet++) {
    const char = String.fromCharCode(octet);
    let mask = 0;
    if (!notAtom.includes(char)) mask |= atomChar;
    if (!notAtom.includes(char) || char === ']') mask |= astringChar | listChar;
    if (char === '%' || char === '*') mask |= listChar;
    if ((mask & astringChar) !== 0 && char !== '+') mask |= tagChar;
    if (octet >= 0x30 && octet <= 0x39) mask |= digit;
    table[octet] = mask;
  }
  return table;
}

export function isAtom(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7e || (octetClass[code]! & atomChar) === 0) return false;
  }
  return text.length > 0;
}
