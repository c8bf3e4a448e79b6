/** Shows the sign-in page as an answer: in the person's language, with what has to be said, never kept by a cache. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Refusal } from '../../auth/access-policy.js';
import type { Lang } from '../../auth/authenticator.js';
import type { MailError } from '../../kernel/errors.js';
import type { HealthCheck } from '../../observe/health.js';
import { errorStatus } from '../error-status.js';
import { passkeyPolicy, signInPolicy } from '../security-headers.js';
import { peerOf } from './identify.js';
import { passkeyPage } from './passkey-page.js';
import { returnPath } from './return-path.js';
import { codePage, type SignInPage, signInPage } from './sign-in-page.js';
import { preferredLanguage, type SignInWords, signInWords } from './sign-in-words.js';

export interface SignInScreenOptions {
  readonly health: HealthCheck;
  readonly domain: () => string;
  /** Address of the page's style sheet; undefined when the webmail is not built. */
  readonly style: string | undefined;
  /** Of the page for passkeys. */
  readonly script: string | undefined;
  /** Passkeys work at the address that the browser shows. */
  readonly passkeysPossible: (request: FastifyRequest) => boolean;
}

/** Which page: for name and password, for the code of a second factor, for a passkey alone or after the password. */
export type Step = 'password' | 'code' | 'passkey' | 'second passkey';

export type SignInScreen = (
  request: FastifyRequest,
  reply: FastifyReply,
  shown?: { readonly error?: MailError; readonly step?: Step; readonly ways?: SecondWays },
) => Promise<FastifyReply>;

/** What else than the password the person has; recovery codes are always taken. */
export interface SecondWays {
  readonly codes: boolean;
  readonly passkeys: boolean;
}

type Notice = NonNullable<SignInPage['notice']>;

const languageCookie = 'language';
const languageSeconds = 365 * 24 * 3600;

export function createSignInScreen(options: SignInScreenOptions): SignInScreen {
  return async (request, reply, { error, step = 'password', ways } = {}) => {
    const query = request.query as { readonly lang?: unknown; readonly to?: unknown; readonly out?: unknown };
    const form = request.body instanceof URLSearchParams ? request.body : undefined;
    const asked = text(query.lang);
    const lang = languageOf(request);
    if (asked === lang) {
      const { secure } = peerOf(request);
      const kept = { path: '/', sameSite: 'lax', httpOnly: true, secure, maxAge: languageSeconds } as const;
      reply.setCookie(languageCookie, lang, kept);
    }
    const words = signInWords[lang];
    const notice = error === undefined ? doneNotice(query.out, words) : errorNotice(error, step, words);
    const waitMs = error?.details?.['waitMs'];
    if (typeof waitMs === 'number') reply.header('retry-after', Math.ceil(waitMs / 1000));
    const passkey = step === 'passkey' || step === 'second passkey';
    const possible = options.script !== undefined && options.passkeysPossible(request);
    const page: SignInPage = {
      path: passkey ? '/login/passkey' : step === 'code' ? '/login/code' : '/',
      lang,
      domain: options.domain(),
      healthy: (await options.health.check()).status === 'ok',
      style: options.style,
      to: returnPath(form?.get('to') ?? text(query.to)),
      name: form?.get('username')?.slice(0, 320) ?? '',
      own: form?.get('own') === '1',
      passkeys: possible && (ways?.passkeys ?? true),
      codes: ways?.codes ?? true,
      ...(notice === undefined ? {} : { notice }),
    };
    const html = passkey
      ? passkeyPage({ ...page, script: options.script, second: step === 'second passkey' })
      : (step === 'code' ? codePage : signInPage)(page);
    return reply
      .code(error === undefined ? 200 : errorStatus[error.code])
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', passkey ? passkeyPolicy : signInPolicy)
      .header('cache-control', 'no-store')
      .send(html);
  };
}

function languageOf(request: FastifyRequest): Lang {
  const asked = text((request.query as { readonly lang?: unknown }).lang);
  return preferredLanguage([asked, request.cookies[languageCookie]], request.headers['accept-language']);
}

/** What the script of the page for passkeys has to say of an error. */
export function passkeyNotice(request: FastifyRequest, error: MailError): string {
  const words = signInWords[languageOf(request)];
  if (error.code === 'authenticationFailed' || error.code === 'cannot') return words.passkeyWrong;
  return errorNotice(error, 'passkey', words).text;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function doneNotice(out: unknown, words: SignInWords): Notice | undefined {
  return out === undefined ? undefined : { kind: 'done', text: words.signedOut };
}

function errorNotice(error: MailError, step: Step, words: SignInWords): Notice {
  if (step === 'code' && error.code === 'authenticationFailed') return { kind: 'error', text: words.codeWrong };
  const refusal = error.details?.['refusal'] as Refusal | undefined;
  if (refusal === undefined) return { kind: 'error', text: errorText(error, words) };
  return { kind: 'error', text: words.refusals[refusal], setUp: refusal === 'useImap' || refusal === 'usePop3' };
}

function errorText(error: MailError, words: SignInWords): string {
  switch (error.code) {
    case 'authenticationFailed':
      return words.wrong;
    case 'throttled':
      return words.throttled(Math.max(1, Math.ceil(Number(error.details?.['waitMs'] ?? 5_000) / 1000)));
    case 'unavailable':
      return words.unavailable;
    case 'privacyRequired':
      return words.needsTls;
    case 'authorizationFailed':
      return words.foreign;
    default:
      return words.failed;
  }
}
