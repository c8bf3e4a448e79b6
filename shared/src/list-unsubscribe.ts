/**
 * How to leave a list, from the fields of one of its messages (RFC 2369 3.2, RFC 8058 3.1). The page asks to know what to
 * offer, the service to know where the request goes: it reads the stored message itself and believes no page.
 */
export interface UnsubscribeWays {
  /** One request of the service ends it (RFC 8058). */
  readonly oneClick: string | undefined;
  /** A message does, `mailto:` with whatever it shall say. */
  readonly mail: string | undefined;
  /** A page of the sender's, for the reader to go on. */
  readonly page: string | undefined;
}

const longest = 4_000;
const most = 10;

/** `urls` as the field lists them, best first (RFC 2369 2); `post` is the value of List-Unsubscribe-Post. */
export function unsubscribeWays(urls: readonly string[] | null, post: string | null): UnsubscribeWays {
  const first = (test: (url: string) => boolean): string | undefined =>
    urls?.slice(0, most).find((url) => url.length <= longest && test(url.toLowerCase()) && URL.canParse(url));
  const https = first((url) => url.startsWith('https://'));
  return {
    // RFC 8058 3.1: one HTTPS address, and this value, whole.
    oneClick: post?.trim().toLowerCase() === 'list-unsubscribe=one-click' ? https : undefined,
    mail: first((url) => url.startsWith('mailto:')),
    page: https ?? first((url) => url.startsWith('http://')),
  };
}
