/**
 * What our own relay found out about the sender: the Authentication-Results field (RFC 8601) that it wrote, and no other.
 * Anybody can write such a field; only the one that bears the relay's name counts, and the relay removes foreign ones that
 * bear it (RFC 8601 5). Without a relay nothing is claimed.
 */
export interface SenderVerdict {
  /** The domain in From is proven (DMARC, RFC 7489), or disproven, or nobody knows. */
  readonly state: 'verified' | 'forged' | 'unknown';
  /** The domain that is proven. */
  readonly domain: string | undefined;
}

const unknown: SenderVerdict = { state: 'unknown', domain: undefined };
const maxFieldLength = 4_000;

/** `authority` is the relay's authserv-id; undefined while there is none. */
export function senderVerdict(fields: readonly string[], authority: string | undefined): SenderVerdict {
  if (authority === undefined) return unknown;
  for (const field of fields) {
    const clauses = withoutComments(field.slice(0, maxFieldLength)).split(';');
    const [id = ''] = (clauses[0] ?? '').trim().split(/\s+/, 1);
    if (id.toLowerCase() !== authority.toLowerCase()) continue;
    const dmarc = clauses.map((clause) => clause.trim()).find((clause) => /^dmarc\s*=/i.test(clause));
    if (!dmarc) return unknown;
    const result = /^dmarc\s*=\s*(\w+)/i.exec(dmarc)?.[1]?.toLowerCase();
    const domain = /\bheader\.from\s*=\s*([\w.-]+)/i.exec(dmarc)?.[1]?.toLowerCase();
    if (result === 'pass') return { state: 'verified', domain };
    return result === 'fail' ? { state: 'forged', domain } : unknown;
  }
  return unknown;
}

/** RFC 5322 3.2.2: comments nest; one that does not end takes the rest with it. */
function withoutComments(text: string): string {
  let depth = 0;
  let out = '';
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!;
    if (c === '\\') at++;
    else if (c === '(') depth++;
    else if (c === ')') depth = Math.max(0, depth - 1);
    else if (depth === 0) out += c;
  }
  return out;
}
