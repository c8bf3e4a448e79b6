const plus = 0x2b;
const slash = 0x2f;
const equals = 0x3d;

/**
 * One line of base64, as a client sends it in answer to a continuation; `=` alone is an empty initial response (RFC 4959 3).
 * undefined if it is not base64: Node's own decoder skips what it does not know.
 */
export function decodeBase64(octets: Buffer): Buffer | undefined {
  let length = octets.length;
  if (length === 1 && octets[0] === equals) return Buffer.alloc(0);
  if (length % 4 !== 0) return undefined;
  if (length > 0 && octets[length - 1] === equals) length--;
  if (length > 0 && octets[length - 1] === equals) length--;
  for (let i = 0; i < length; i++) {
    const octet = octets[i]!;
    const letter = octet | 0x20;
    const known =
      (letter >= 0x61 && letter <= 0x7a) || (octet >= 0x30 && octet <= 0x39) || octet === plus || octet === slash;
    if (!known) return undefined;
  }
  return Buffer.from(octets.toString('latin1'), 'base64');
}
