/**
 * How HTML names an image of its own message (RFC 2392 section 2). `@` stays as it is, as every program writes it; what a
 * URL cannot hold is percent-encoded.
 */
export const cidUrl = (cid: string): string => `cid:${encodeURI(cid)}`;

/** undefined: it is no such URL. */
export function cidOfUrl(url: string): string | undefined {
  if (!/^cid:/i.test(url)) return undefined;
  try {
    return decodeURIComponent(url.slice('cid:'.length));
  } catch {
    return url.slice('cid:'.length);
  }
}
