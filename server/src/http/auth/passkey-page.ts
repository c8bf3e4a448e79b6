/**
 * The page on which one signs in with a passkey: a button, and the one script of signing in, on a page without a password. The script
 * (webmail/src/sign-in/passkey.ts) finds here what it may have to say.
 */
import { escapeHtml, ownField, pageAround, pathWithReturn, type SignInPage } from './sign-in-page.js';
import { signInWords } from './sign-in-words.js';

export interface PasskeyPage extends SignInPage {
  /** Address of its script; undefined when the webmail is not built. */
  readonly script: string | undefined;
  /** The password was right already. */
  readonly second: boolean;
}

export function passkeyPage(page: PasskeyPage): string {
  const words = signInWords[page.lang];
  const { second, script } = page;
  const [elsewhere, otherwise] = second ? ['/login/code', words.codeInstead] : ['/', words.passwordInstead];
  return pageAround(
    page,
    `<form class="card" id="passkey" data-to="${escapeHtml(page.to ?? '')}" data-failed="${escapeHtml(words.failed)}" data-missing="${escapeHtml(words.passkeyMissing)}" data-unsigned="${escapeHtml(words.passkeyUnsigned)}"${second ? ' data-second' : ''}>
<h1>${escapeHtml(words.passkeyTitle)}</h1>
<p class="service">${escapeHtml(second ? words.passkeySecondHint : words.passkeyHint)}</p>
<p id="notice" class="notice error" role="alert" hidden></p>
<noscript><p class="notice error">${escapeHtml(words.passkeyMissing)}</p></noscript>
${second ? '' : ownField(page)}
<button type="submit" autofocus>${escapeHtml(words.passkeyUse)}</button>
<p class="other"><a href="${escapeHtml(pathWithReturn(elsewhere, page))}">${escapeHtml(otherwise)}</a></p>
</form>`,
    script === undefined ? '' : `<script type="module" src="${escapeHtml(script)}"></script>`,
  );
}
