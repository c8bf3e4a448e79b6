/** The account of whoever is signed in, for the time of one request; its entries in the log carry the session. */
import type { Account } from '../../mailstore/account.js';
import type { Mailstore } from '../../mailstore/mailstore.js';
import type { SignedIn } from '../auth/signed-in.js';

/** The caller releases it. */
export function openAccountOf(mailstore: Mailstore, { principal, session }: SignedIn): Promise<Account> {
  const { quotaBytes } = principal;
  return mailstore.openAccount(principal.account, {
    by: session,
    ...(quotaBytes === undefined ? {} : { quotaBytes }),
  });
}

export async function withAccount<T>(
  mailstore: Mailstore,
  signedIn: SignedIn,
  use: (account: Account) => Promise<T>,
): Promise<T> {
  const account = await openAccountOf(mailstore, signedIn);
  try {
    return await use(account);
  } finally {
    account.release();
  }
}
