/**
 * The pages: the webmail for who is signed in, under every address its router knows, and the sign-in page for who is not. The
 * page itself holds nothing personal, so it is shown also when the store is away and nobody can tell who asks: the webmail
 * then shows what it keeps.
 */
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { isWebmailPage, returnPath } from '../auth/return-path.js';
import { sameAddressAgain } from '../auth/sign-in-page.js';
import type { SignInScreen } from '../auth/sign-in-screen.js';
import { messageFrameHtml, messageFramePolicy } from '../message-frame.js';
import { signInPolicy } from '../security-headers.js';
import { serveFiles, type WebmailFiles } from './webmail-files.js';

const frameSeconds = 3600;

export interface WebmailPagesOptions {
  readonly files: WebmailFiles;
  readonly screen: SignInScreen;
}

export const webmailPages: FastifyPluginAsync<WebmailPagesOptions> = async (app, { files, screen }) => {
  await serveFiles(app, files);

  // Not even the way back shows it after signing out: what is not stored does not come back from the browser's memory.
  const page = (reply: FastifyReply): FastifyReply => reply.header('cache-control', 'no-store').sendFile('index.html');

  app.get('/', (request, reply) => {
    if (!mayBeIn(request)) return heldBack(request) ? askAgain(request, reply) : screen(request, reply);
    const to = returnPath((request.query as { readonly to?: string }).to);
    return to === undefined ? page(reply) : reply.redirect(to, 303);
  });

  app.get('/*', (request, reply) => {
    if (!isWebmailPage(pathOf(request))) {
      if (!wantsPage(request)) return reply.callNotFound();
      // A person typed it or followed a link: the webmail says so in its own frame, and a stranger is shown the door.
      return mayBeIn(request)
        ? page(reply.code(404))
        : heldBack(request)
          ? askAgain(request, reply)
          : reply.redirect('/', 303);
    }
    if (mayBeIn(request)) return page(reply);
    if (heldBack(request)) return askAgain(request, reply);
    return reply.header('cache-control', 'no-store').redirect(`/?${new URLSearchParams({ to: request.url })}`, 303);
  });

  // What the service worker keeps to show under all of them.
  app.get('/shell', { config: { forAnybody: true } }, (_request, reply) => reply.sendFile('index.html'));

  // For anybody: mail programs are set up before the first sign-in.
  app.get('/setup', { config: { forAnybody: true } }, (_request, reply) => reply.sendFile('setup.html'));
};

/** The same for everybody, so that browsers may keep it: opening a message waits for nothing. */
export function messageFrame(app: FastifyInstance): void {
  app.get('/frame', { config: { forAnybody: true } }, (_request, reply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', messageFramePolicy)
      .header('x-frame-options', 'SAMEORIGIN')
      .header('cache-control', `public, max-age=${frameSeconds}`)
      .send(messageFrameHtml),
  );
}

/** Addresses of data, where whoever asks reads JSON. */
const dataPaths = ['/api', '/jmap', '/media', '/.well-known', '/healthz', '/assets'];

/** A browser's window rather than a script or a program. */
function wantsPage(request: FastifyRequest): boolean {
  const path = pathOf(request);
  if (dataPaths.some((one) => path === one || path.startsWith(`${one}/`))) return false;
  return request.headers.accept?.includes('text/html') ?? false;
}

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';

/** Signed in, or with a cookie that nobody can judge at the moment. */
const mayBeIn = (request: FastifyRequest): boolean =>
  request.signedIn !== undefined || request.signInError !== undefined;

/** A link on another site was followed: the browser keeps a SameSite=Strict cookie back, so this says nothing yet. */
function heldBack({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  return (site === 'cross-site' || site === 'same-site') && headers['sec-fetch-mode'] === 'navigate';
}

/** Asks for the same address from our own page, and then the cookie comes along. Never twice: that request is our own. */
function askAgain(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', signInPolicy)
    .header('cache-control', 'no-store')
    .send(sameAddressAgain(request.url));
}
