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
const maxSignatures = 10;

/** `authority` is the relay's authserv-id; undefined while there is none. */
export function senderVerdict(fields: readonly string[], authority: string | undefined): SenderVerdict {
  if (authority === undefined) return unknown;
  for (const field of fields) {
    const clauses = clausesOf(field);
    if (!isBy(clauses[0] ?? '', authority)) continue;
    const dmarc = clauses.find((clause) => /^dmarc\s*=/i.test(clause));
    if (!dmarc) return unknown;
    const result = /^dmarc\s*=\s*(\w+)/i.exec(dmarc)?.[1]?.toLowerCase();
    const domain = /\bheader\.from\s*=\s*([\w.-]+)/i.exec(dmarc)?.[1]?.toLowerCase();
    if (result === 'pass') return { state: 'verified', domain };
    return result === 'fail' ? { state: 'forged', domain } : unknown;
  }
  return unknown;
}

/**
 * RFC 8058 4: a one-click address counts as the sender's when a valid DKIM signature covers both of its fields. The domain that
 * vouches, as far as our relay says so; undefined when nothing is proven.
 */
export function unsubscribeVouchedBy(
  fields: readonly string[],
  signatures: readonly string[],
  authority: string | undefined,
): string | undefined {
  if (authority === undefined) return undefined;
  const clauses = fields.map(clausesOf).find(([id = '']) => isBy(id, authority)) ?? [];
  const passed = new Set(
    clauses
      .filter((clause) => /^dkim\s*=\s*pass\b/i.test(clause))
      .map((clause) => /\bheader\.d\s*=\s*([\w.-]+)/i.exec(clause)?.[1]?.toLowerCase()),
  );
  for (const signature of signatures.slice(0, maxSignatures)) {
    // RFC 6376 3.5: `d=` is who signs, `h=` what.
    const tags = new Map(
      signature
        .slice(0, maxFieldLength)
        .split(';')
        .map((tag) => [
          tag.slice(0, tag.indexOf('=')).trim(),
          tag
            .slice(tag.indexOf('=') + 1)
            .replace(/\s+/g, '')
            .toLowerCase(),
        ]),
    );
    const covered = (tags.get('h') ?? '').split(':');
    const domain = tags.get('d');
    if (domain === undefined || !passed.has(domain)) continue;
    if (covered.includes('list-unsubscribe') && covered.includes('list-unsubscribe-post')) return domain;
  }
  return undefined;
}

function clausesOf(field: string): string[] {
  return withoutComments(field.slice(0, maxFieldLength))
    .split(';')
    .map((clause) => clause.trim());
}

/** The first clause is the name of whoever wrote the field, perhaps with a version (RFC 8601 2.2). */
function isBy(first: string, authority: string): boolean {
  return first.split(/\s+/, 1)[0]?.toLowerCase() === authority.toLowerCase();
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
