/**
 * The request that a push subscription gets (RFC 8620 7.2, RFC 8030 5): JSON by POST, encrypted if its client gave keys. To addresses on
 * the open internet only, as everything that goes outside (`outside/ask-outside.ts`); redirects are not followed.
 *
 * On failure: `later`, whatever it was. A push message that is lost loses nothing: states are told again with the next.
 */
import { encryptPush, readKeys } from '../../../push/push-encryption.js';
import type { Posted, PostPush } from '../../../push/pusher.js';
import { askOutside, type OutsideRules } from '../../outside/ask-outside.js';
import { outsideUrl } from '../../outside/remote-address.js';

const timeoutMs = 10_000;
/** How long a push service keeps it for a device that is away; states are told whole when it comes back. */
const keptSeconds = 24 * 3600;
const longestAskedPauseMs = 3600_000;

/** Where push messages may go: https on its own port. */
export function pushUrl(text: string): URL | undefined {
  const url = outsideUrl(text);
  return url?.protocol === 'https:' ? url : undefined;
}

export function postPush(rules: OutsideRules): PostPush {
  return async ({ url, keys }, message, urgent, signal): Promise<Posted> => {
    const address = pushUrl(url);
    if (address === undefined) return { kind: 'gone' };
    const text = Buffer.from(JSON.stringify(message));
    const readable = keys === null ? undefined : readKeys(keys);
    const body = readable === undefined ? text : encryptPush(text, readable);
    const ending = AbortSignal.any([signal, AbortSignal.timeout(rules.timeoutMs ?? timeoutMs)]);
    try {
      const headers = {
        'content-type': readable === undefined ? 'application/json' : 'application/octet-stream',
        ...(readable !== undefined && { 'content-encoding': 'aes128gcm' }),
        'content-length': String(body.length),
        ttl: String(keptSeconds),
        urgency: urgent ? 'high' : 'normal',
      };
      const response = await askOutside(address, { method: 'POST', headers, body }, rules, ending);
      response.destroy();
      return judged(response.statusCode ?? 0, response.headers['retry-after']);
    } catch {
      return { kind: 'later' };
    }
  };
}

function judged(status: number, retryAfter: string | undefined): Posted {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  // RFC 8030 7.3: the push service has forgotten the subscription.
  if (status === 404 || status === 410) return { kind: 'gone' };
  const seconds = Number(retryAfter);
  const afterMs = retryAfter !== undefined && seconds >= 0 ? Math.min(longestAskedPauseMs, 1000 * seconds) : undefined;
  return { kind: 'later', ...(afterMs !== undefined && { afterMs }), ...(status === 429 && { tooOften: true }) };
}
