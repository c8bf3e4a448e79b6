/**
 * The sign-in page: one form and no script, so that it works in any browser and nothing can run beside the password. Its style
 * sheet is built with the webmail. Everything that was typed or configured is escaped.
 */
import type { Lang } from '../../auth/authenticator.js';
import { languageNames, type SignInWords, signInWords } from './sign-in-words.js';

export interface SignInPage {
  /** Where the links to other languages lead. */
  readonly path: '/' | '/login/code' | '/login/passkey';
  readonly lang: Lang;
  readonly domain: string;
  readonly healthy: boolean;
  /** Address of the style sheet; undefined when the webmail is not built. */
  readonly style: string | undefined;
  /** Where to go afterwards. */
  readonly to: string | undefined;
  readonly name: string;
  readonly own: boolean;
  /** Passkeys work at this address. On the page for a code: and the person has one. */
  readonly passkeys: boolean;
  /** The page for a code: their telephone shows some; else it can be a recovery code only. */
  readonly codes: boolean;
  readonly notice?: { readonly text: string; readonly kind: 'error' | 'done'; readonly setUp?: boolean };
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for quoted attribute values. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

const mark =
  '<svg viewBox="0 0 24 24" width="26" height="26" fill="none" aria-hidden="true"><mask id="flap"><rect width="24" height="24" fill="#fff"/><path d="M1.6 8.6c3.5 0 5 5.9 10.4 5.9s6.9-5.9 10.4-5.9" stroke="#000" stroke-width="1.9" stroke-linecap="round"/></mask><rect x="1" y="3.5" width="22" height="17" rx="4.6" fill="currentColor" mask="url(#flap)"/></svg>';

export function signInPage(page: SignInPage): string {
  const words = signInWords[page.lang];
  const error = page.notice?.kind === 'error';
  const invalid = error ? ' aria-invalid="true" aria-describedby="notice"' : '';
  const [focusName, focusPassword] = page.name === '' ? [' autofocus', ''] : ['', ' autofocus'];
  return pageAround(
    page,
    `<form class="card" method="post" action="/login">
<h1>${escapeHtml(words.title)}</h1>
<p class="service">${escapeHtml(words.service(page.domain))}</p>
${notice(page, words)}
<label for="username">${escapeHtml(words.name)}</label>
<input id="username" name="username" type="text" required maxlength="320" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" value="${escapeHtml(page.name)}"${focusName}${invalid}>
<div class="row"><label for="password">${escapeHtml(words.password)}</label><details><summary>${escapeHtml(words.forgotten)}</summary><p>${escapeHtml(words.forgottenHelp)}</p></details></div>
<input id="password" name="password" type="password" required autocomplete="current-password"${focusPassword}${invalid}>
${ownField(page)}
${returnField(page)}
<button type="submit">${escapeHtml(words.open)}</button>
${page.passkeys ? passkeyLink(page, words.passkeyWith) : ''}
</form>`,
  );
}

/** After a right password, for somebody with a second factor. */
export function codePage(page: SignInPage): string {
  const words = signInWords[page.lang];
  const invalid = page.notice?.kind === 'error' ? ' aria-invalid="true"' : '';
  const [lost, lostHelp] = page.codes
    ? [words.codeLost, words.codeLostHelp]
    : [words.recoveryLost, words.recoveryLostHelp];
  return pageAround(
    page,
    `<form class="card" method="post" action="/login/code">
<h1>${escapeHtml(words.codeTitle)}</h1>
<p class="service" id="code-hint">${escapeHtml(page.codes ? words.codeHint : words.recoveryHint)}</p>
${notice(page, words)}
<div class="row"><label for="code">${escapeHtml(words.code)}</label><details><summary>${escapeHtml(lost)}</summary><p>${escapeHtml(lostHelp)}</p></details></div>
<input id="code" name="code" type="text" required maxlength="20" inputmode="text" autocomplete="one-time-code" autocapitalize="none" autocorrect="off" spellcheck="false" aria-describedby="code-hint" autofocus${invalid}>
${returnField(page)}
<button type="submit">${escapeHtml(words.open)}</button>
${page.passkeys ? passkeyLink(page, words.passkeyInstead) : ''}
<p class="other"><a href="/">${escapeHtml(words.codeOther)}</a></p>
</form>`,
  );
}

/** For the page of passkeys and the one for the password. */
export function ownField({ own, lang }: SignInPage): string {
  const words = signInWords[lang];
  return `<div class="check"><input id="own" name="own" type="checkbox" value="1" aria-describedby="own-hint"${own ? ' checked' : ''}><div><label for="own">${escapeHtml(words.own)}</label><p id="own-hint">${escapeHtml(words.ownHint)}</p></div></div>`;
}

/** To a page of ours, and from there to where one was going. */
export const pathWithReturn = (path: string, { to }: Pick<SignInPage, 'to'>): string =>
  to === undefined ? path : `${path}?${new URLSearchParams({ to })}`;

const passkeyLink = (page: SignInPage, text: string): string =>
  `<p class="other"><a href="${escapeHtml(pathWithReturn('/login/passkey', page))}">${escapeHtml(text)}</a></p>`;

const returnField = ({ to }: SignInPage): string =>
  to === undefined ? '' : `<input type="hidden" name="to" value="${escapeHtml(to)}">`;

/** `head`: what a page needs besides the style sheet. */
export function pageAround(page: SignInPage, card: string, head = ''): string {
  const words = signInWords[page.lang];
  return `<!doctype html>
<html lang="${page.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escapeHtml(words.title)} – Vaguemestre</title>
<link rel="icon" href="/mark.svg" type="image/svg+xml">
${page.style === undefined ? '' : `<link rel="stylesheet" href="${escapeHtml(page.style)}">`}
${head}
</head>
<body>
<div class="waves" aria-hidden="true"></div>
<header>
<span class="brand">${mark} Vaguemestre</span>
<nav aria-label="${escapeHtml(words.languages)}">${languageLinks(page)}</nav>
</header>
<main>
${card}
</main>
<footer>
<p class="status"><span class="dot${page.healthy ? '' : ' away'}" aria-hidden="true"></span>${escapeHtml(page.healthy ? words.allWorks : words.storeAway)}</p>
<a href="/setup">${escapeHtml(words.setUp)}</a>
</footer>
</body>
</html>
`;
}

function notice({ notice: shown }: SignInPage, words: SignInWords): string {
  if (shown === undefined) return '';
  const more = shown.setUp === true ? ` <a href="/setup">${escapeHtml(words.setUp)}</a>` : '';
  const role = shown.kind === 'error' ? 'alert' : 'status';
  return `<p id="notice" class="notice ${shown.kind}" role="${role}">${escapeHtml(shown.text)}${more}</p>`;
}

function languageLinks({ lang, to, path }: SignInPage): string {
  return Object.entries(languageNames)
    .map(([code, name]) => {
      if (code === lang) return `<span aria-current="true" lang="${code}">${name}</span>`;
      const query = new URLSearchParams({ lang: code, ...(to === undefined ? {} : { to }) });
      return `<a href="${path}?${escapeHtml(query.toString())}" lang="${code}" hreflang="${code}">${name}</a>`;
    })
    .join('');
}

/**
 * For somebody who followed a link from another site: the browser then keeps the cookie back (SameSite=Strict), and sends it
 * when our own page asks for the same address.
 */
export function sameAddressAgain(path: string): string {
  const target = escapeHtml(path);
  return `<!doctype html><meta charset="utf-8"><title>Vaguemestre</title><meta http-equiv="refresh" content="0;url=${target}"><a href="${target}">Vaguemestre</a>`;
}
