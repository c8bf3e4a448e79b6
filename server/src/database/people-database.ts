import { type Accounts, createAccounts } from './accounts.js';
import type { Connection } from './connection.js';
import { type Credentials, createCredentials } from './credentials.js';
import { createLoginHistory, type LoginHistory } from './login-history.js';
import { createPasskeys, type Passkeys } from './passkeys.js';
import { createRecoveryCodes, type RecoveryCodes } from './recovery-codes.js';
import { createSessions, type Sessions } from './sessions.js';
import { createTotpSecrets, type TotpSecrets } from './totp-secrets.js';

/** Everything that is kept of people, as opposed to their mail. */
export interface PeopleDatabase {
  readonly accounts: Accounts;
  readonly credentials: Credentials;
  readonly history: LoginHistory;
  readonly sessions: Sessions;
  readonly totp: TotpSecrets;
  readonly passkeys: Passkeys;
  readonly recovery: RecoveryCodes;
}

/** Makes the indexes that are missing, then gives the repositories. */
export async function openPeopleDatabase(connection: Connection): Promise<PeopleDatabase> {
  const { db } = connection;
  const accounts = createAccounts(db);
  const sessions = createSessions(db);
  const credentials = createCredentials(db);
  await Promise.all([accounts.ensureIndexes(), sessions.ensureIndexes(), credentials.ensureIndexes()]);
  return {
    accounts,
    sessions,
    credentials,
    history: createLoginHistory(db),
    totp: createTotpSecrets(db),
    passkeys: createPasskeys(db),
    recovery: createRecoveryCodes(db),
  };
}
