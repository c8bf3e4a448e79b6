/**
 * Reads the addresses that people type or paste into a field: `Anna Weber <anna@x.example>, paul@y.example`, lists copied
 * from other programs with `;` or one a line, names in quotes, groups (`Team: a@x, b@x;`). One pass, linear in the text.
 * It takes what can be understood and gives back as it was what cannot: nothing typed is lost.
 */

export interface TypedAddress {
  readonly name: string | null;
  readonly email: string;
}

export interface AddressList {
  readonly addresses: readonly TypedAddress[];
  /** Pieces that are no address, in order. */
  readonly rest: readonly string[];
}

export function parseAddressList(text: string): AddressList {
  const addresses: TypedAddress[] = [];
  const rest: string[] = [];
  for (const piece of pieces(text)) {
    const read = readPiece(piece);
    if (read === undefined) rest.push(piece);
    else addresses.push(...read);
  }
  return { addresses, rest };
}

/** Cuts at `,`, `;` and line ends that stand in no quotes and in no angle brackets. */
function pieces(text: string): readonly string[] {
  const found: string[] = [];
  let start = 0;
  let inQuotes = false;
  let inAngle = false;
  const cut = (end: number): void => {
    const piece = text.slice(start, end).trim();
    if (piece !== '') found.push(piece);
    start = end + 1;
    inQuotes = inAngle = false;
  };
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (c === '\n' || c === '\r') cut(at);
    else if (inQuotes) {
      if (c === '\\') at++;
      else if (c === '"') inQuotes = false;
    } else if (c === '"') inQuotes = true;
    else if (c === '<') inAngle = true;
    else if (c === '>') inAngle = false;
    else if (!inAngle && (c === ',' || c === ';')) cut(at);
  }
  cut(text.length);
  return found;
}

function readPiece(piece: string): readonly TypedAddress[] | undefined {
  const open = piece.lastIndexOf('<');
  const close = piece.lastIndexOf('>');
  if (open >= 0 && close > open && piece.slice(close + 1).trim() === '') {
    const email = piece
      .slice(open + 1, close)
      .trim()
      .replace(/^mailto:/i, '');
    return isAddress(email) ? [{ name: nameOf(piece.slice(0, open)), email }] : undefined;
  }
  const bare = piece.replace(/^mailto:/i, '');
  if (isAddress(bare)) return [{ name: null, email: bare }];
  // "Anna Weber anna@x.example", and several with nothing but spaces between: as tables are pasted.
  const words = bare.split(/\s+/);
  const last = words.pop() ?? '';
  if (words.length > 0 && words.every(isAddress) && isAddress(last)) {
    return [...words, last].map((email) => ({ name: null, email }));
  }
  if (words.length > 0 && isAddress(last) && !words.some((word) => word.includes('@'))) {
    return [{ name: nameOf(words.join(' ')), email: last }];
  }
  return undefined;
}

/** A display name without its quotes; null when nothing is left. A group's name in front of it goes with its colon. */
function nameOf(text: string): string | null {
  const name = text.trim();
  const quoted = name.length > 1 && name.startsWith('"') && name.endsWith('"');
  const bare = quoted ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name.replace(/^[^:"]*:\s*/, '');
  return bare.trim() === '' ? null : bare.trim().replace(/\s+/g, ' ');
}

/** Local part and domain are there and hold nothing that an address typed by a person holds. RFC 5321 decides in the end. */
export function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at < 1 || at > 64 || text.length > 254) return false;
  const domain = text.slice(at + 1);
  if (domain === '' || domain.startsWith('.') || domain.endsWith('.') || domain.includes('..')) return false;
  return !/[\s<>(),;:"\\[\]@]/.test(text.slice(0, at)) && !/[^\p{L}\p{N}\p{M}.-]/u.test(domain);
}
