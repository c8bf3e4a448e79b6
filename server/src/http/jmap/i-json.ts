/**
 * JSON from a client as RFC 8620 3.6.1 wants it: I-JSON (RFC 7493), so UTF-8, no lone surrogates and no member name twice in an
 * object. Linear, and its depth is bounded before anything is built. Undefined is answered for what is no I-JSON: why does not
 * matter to a client that wrote it by machine.
 */

/** Deeper than any request of ours: filters, patches and body structures nest a dozen levels. Recursion ends on the stack. */
const maxDepth = 100;
/** More than any object of ours has: a /set has a thousand. Objects of a million members would hold the loop for a second. */
const maxNames = 20_000;

const quote = 0x22;
const backslash = 0x5c;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function parseIJson(octets: Uint8Array): { readonly value: unknown } | undefined {
  try {
    const text = utf8.decode(octets);
    return isStrict(text) ? { value: JSON.parse(text) as unknown } : undefined;
  } catch {
    return undefined;
  }
}

/** What JSON.parse does not ask; what it does ask (the grammar) is left to it. */
function isStrict(text: string): boolean {
  /** One an open bracket: the names of an object so far, undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let nameFollows = false;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
      case 0x5b: {
        if (open.length === maxDepth) return false;
        const isObject = text.charCodeAt(i) === 0x7b;
        open.push(isObject ? new Set() : undefined);
        nameFollows = isObject;
        break;
      }
      case 0x7d: // }
      case 0x5d:
        open.pop();
        nameFollows = false;
        break;
      case 0x2c: // ,
        nameFollows = open.at(-1) !== undefined;
        break;
      case quote: {
        const end = stringEnd(text, i + 1);
        if (end < 0) return false;
        const plain = text.slice(i + 1, end);
        const escaped = plain.includes('\\');
        const value = escaped ? (JSON.parse(text.slice(i, end + 1)) as string) : plain;
        // Lone surrogates come by escapes only: the octets were UTF-8.
        if (escaped && hasLoneSurrogate(value)) return false;
        if (nameFollows) {
          const names = open.at(-1)!;
          if (names.has(value) || names.size === maxNames) return false;
          names.add(value);
          nameFollows = false;
        }
        i = end;
        break;
      }
    }
  }
  return true;
}

/** Of the quote that ends a string whose first character is at `start`; -1 if there is none. */
function stringEnd(text: string, start: number): number {
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) return i;
    if (code === backslash) i += 1;
  }
  return -1;
}

function hasLoneSurrogate(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0xd800 || code > 0xdfff) continue;
    const next = text.charCodeAt(i + 1);
    if (code > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return true;
    i += 1;
  }
  return false;
}
