/**
 * `POST /api/unsubscribe` leaves a list in the reader's name, by the one request that RFC 8058 describes. Where to is read
 * from the stored message, never taken from the page, so this posts nowhere but where the sender of a message in the
 * reader's own mailbox wants it. RFC 8058 3.1: no cookie, no authorization, nothing but the address and the one field;
 * only HTTPS; no redirect is followed, as none must be sent. Asking twice does no harm.
 *
 * MailError `cannot` when the other side did not say yes; why is not told.
 */
import { unsubscribeWays } from '@vaguemestre/shared/list-unsubscribe';
import type { FastifyPluginAsync } from 'fastify';
import { textForm, urlsForm } from '../../codec/mime/header-forms.js';
import type { Clock } from '../../kernel/clock.js';
import { MailError } from '../../kernel/errors.js';
import { KiB } from '../../kernel/limits.js';
import type { Account } from '../../mailstore/account.js';
import type { Mailstore } from '../../mailstore/mailstore.js';
import { requireSignedIn } from '../auth/signed-in.js';
import { createAllowance } from '../directory/allowance.js';
import { goneSignal } from '../gone-signal.js';
import { openEmail } from '../jmap/blobs/open-blob.js';
import { headerFields } from '../jmap/email/header-block.js';
import { withAccount } from '../jmap/request-account.js';
import { askOutside, type OutsideRules } from '../outside/ask-outside.js';
import { outsideUrl } from '../outside/remote-address.js';

export interface UnsubscribeOptions {
  readonly mailstore: Mailstore;
  readonly rules: OutsideRules;
  readonly clock: Clock;
}

const timeoutMs = 10_000;
/** Of a header: what stands further back is not looked at. */
const maxHeaderBytes = 256 * KiB;
/** Nobody leaves more lists than that; a page gone wrong shall not post without end. */
const allowed = { burst: 20, perSecond: 0.1 };

const schema = {
  body: {
    type: 'object',
    properties: { emailId: { type: 'string', minLength: 1, maxLength: 255 } },
    required: ['emailId'],
    additionalProperties: false,
  },
} as const;

export const unsubscribeRoutes: FastifyPluginAsync<UnsubscribeOptions> = async (app, options) => {
  const { mailstore, rules, clock } = options;
  const allowance = createAllowance(allowed, clock);
  app.post('/api/unsubscribe', { schema }, async (request, reply) => {
    const signedIn = requireSignedIn(request);
    const { emailId } = request.body as { readonly emailId: string };
    if (!allowance.take(signedIn.principal.account))
      throw new MailError('throttled', 'Too many requests, wait a moment');
    const ending = AbortSignal.any([
      signedIn.signal,
      goneSignal(reply),
      AbortSignal.timeout(rules.timeoutMs ?? timeoutMs),
    ]);
    const address = await withAccount(mailstore, signedIn, (account) => oneClickAddress(account, emailId, ending));
    await post(address, rules, ending);
    return reply.code(204).send();
  });
};

async function oneClickAddress(account: Account, emailId: string, signal: AbortSignal): Promise<URL> {
  await account.refresh();
  const found = await openEmail(account, emailId, signal);
  if (found === undefined) throw new MailError('nonexistent', 'There is no such message.');
  const end = Math.min(await found.message.bodyStart(), maxHeaderBytes);
  const pieces: Uint8Array[] = [];
  for await (const piece of found.message.pieces(0, end)) pieces.push(piece);
  const fields = headerFields(Buffer.concat(pieces).toString('latin1'));
  const [list] = fields.values('list-unsubscribe');
  const [how] = fields.values('list-unsubscribe-post');
  const ways = unsubscribeWays(list === undefined ? null : urlsForm(list), how === undefined ? null : textForm(how));
  const url = outsideUrl(ways.oneClick ?? '');
  if (url === undefined) throw new MailError('cannot', 'This message offers no such way to leave its list.');
  return url;
}

async function post(url: URL, rules: OutsideRules, signal: AbortSignal): Promise<void> {
  const body = 'List-Unsubscribe=One-Click';
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(body.length),
    'user-agent': 'Mozilla/5.0 (compatible; list unsubscriber)',
  };
  let status: number | undefined;
  try {
    const response = await askOutside(url, { method: 'POST', headers, body }, rules, signal);
    status = response.statusCode;
    response.destroy();
  } catch (error) {
    throw new MailError('cannot', 'The list did not answer.', { cause: error });
  }
  if (status === undefined || status < 200 || status > 299) throw new MailError('cannot', 'The list did not answer.');
}
