/** xtext (RFC 3461 4): printable ASCII without `+` and `=`, everything else as `+` and two upper-case hex digits. */

/** The octets as Latin-1 characters; undefined if the text is no xtext. Lower-case hex is taken: senders write it. */
export function decodeXtext(text: string): string | undefined {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2b) {
      const high = hexDigit(text.charCodeAt(i + 1));
      const low = hexDigit(text.charCodeAt(i + 2));
      if (high < 0 || low < 0) return undefined;
      result += String.fromCharCode(high * 16 + low);
      i += 2;
    } else if (code > 0x20 && code < 0x7f && code !== 0x3d) result += text[i];
    else return undefined;
  }
  return result;
}

/** Takes octets as Latin-1 characters. */
export function encodeXtext(octets: string): string {
  let result = '';
  for (let i = 0; i < octets.length; i++) {
    const code = octets.charCodeAt(i);
    if (code > 0x20 && code < 0x7f && code !== 0x2b && code !== 0x3d) result += octets[i];
    else result += `+${(code & 0xff).toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return result;
}

/** -1 for anything else, NaN included (past the end of the text). */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x41 && code <= 0x46) return code - 0x37;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  return -1;
}
