import { type Accounts, createAccounts } from './accounts.js';
import type { Connection } from './connection.js';
import { type Credentials, createCredentials } from './credentials.js';
import { createLoginHistory, type LoginHistory } from './login-history.js';

/** Everything that is kept of people, as opposed to their mail. */
export interface PeopleDatabase {
  readonly accounts: Accounts;
  readonly credentials: Credentials;
  readonly history: LoginHistory;
}

/** Makes the index that is missing, then gives the repositories. */
export async function openPeopleDatabase(connection: Connection): Promise<PeopleDatabase> {
  const accounts = createAccounts(connection.db);
  await accounts.ensureIndexes();
  return { accounts, credentials: createCredentials(connection.db), history: createLoginHistory(connection.db) };
}
