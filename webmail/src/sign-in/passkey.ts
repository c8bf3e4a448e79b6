/**
 * The script of the page for passkeys (server/src/http/auth/passkey-page.ts): asks for a challenge, has it signed, brings the
 * answer, and goes where the service says. After the password it begins by itself.
 */
import { knowsPasskeys, type SigningOptions, signWithPasskey } from './webauthn.js';

const form = document.querySelector<HTMLFormElement>('#passkey');
const notice = document.querySelector<HTMLElement>('#notice');
const button = form?.querySelector('button');

if (form && notice && button) {
  const say = (text: string | undefined): void => {
    notice.textContent = text ?? '';
    notice.hidden = text === undefined;
  };

  const enter = async (): Promise<void> => {
    say(undefined);
    button.disabled = true;
    try {
      const { to } = await signIn(form);
      location.replace(to);
    } catch (error) {
      say(wordsFor(error, form.dataset));
      button.disabled = false;
      button.focus();
    }
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void enter();
  });
  if (!knowsPasskeys()) {
    say(form.dataset['missing']);
    button.disabled = true;
  } else if (form.dataset['second'] !== undefined) void enter();
}

async function signIn(at: HTMLFormElement): Promise<{ readonly to: string }> {
  const options = (await post('/login/passkey/start', {})) as SigningOptions;
  const response = await signWithPasskey(options);
  const own = at.querySelector<HTMLInputElement>('#own')?.checked ?? false;
  return (await post('/login/passkey', { own, to: at.dataset['to'] ?? '', response })) as { readonly to: string };
}

/** What the service said, for the reader. */
class Told extends Error {}

async function post(path: string, body: object): Promise<unknown> {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-Vaguemestre': '1' },
    credentials: 'same-origin',
    cache: 'no-store',
    redirect: 'error',
    body: JSON.stringify(body),
  });
  const content = (await answer.json().catch(() => ({}))) as { readonly notice?: string };
  if (!answer.ok) throw new Told(content.notice);
  return content;
}

function wordsFor(error: unknown, words: DOMStringMap): string | undefined {
  if (error instanceof Told && error.message !== '') return error.message;
  return error instanceof DOMException && error.name === 'NotAllowedError' ? words['unsigned'] : words['failed'];
}
