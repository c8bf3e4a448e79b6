/** Passkeys and recovery codes in memory. */
import { type PasskeyDocument, type Passkeys, passkeyId } from '@vaguemestre/server/database/passkeys';
import type { RecoveryCodes } from '@vaguemestre/server/database/recovery-codes';
import type { AccountId } from '@vaguemestre/server/kernel/ids';

export function memoryPasskeys(trip: () => Promise<void>): Passkeys {
  const held = new Map<string, PasskeyDocument>();
  const ofAccount = (account: AccountId) => [...held.values()].filter(({ a }) => a === account);
  return {
    async ofAccount(account) {
      await trip();
      return ofAccount(account);
    },
    async find(account, credential) {
      await trip();
      return held.get(`${account}/passkey/${passkeyId(credential)}`);
    },
    async add(account, passkey) {
      await trip();
      const _id = `${account}/passkey/${passkeyId(passkey.credential)}`;
      if (held.has(_id)) return false;
      held.set(_id, { _id, a: account, ...passkey });
      return true;
    },
    async use({ _id, counter }, use) {
      await trip();
      const known = held.get(_id);
      if (known?.counter !== counter) return false;
      held.set(_id, { ...known, ...use });
      return true;
    },
    async remove(account, id) {
      await trip();
      return held.delete(`${account}/passkey/${id}`);
    },
    async removeAll(account) {
      await trip();
      for (const { _id } of ofAccount(account)) held.delete(_id);
    },
  };
}

export function memoryRecovery(trip: () => Promise<void>): RecoveryCodes {
  const held = new Map<AccountId, readonly string[]>();
  return {
    async of(account) {
      await trip();
      return held.get(account);
    },
    async put(account, codes) {
      await trip();
      held.set(account, codes);
    },
    async use(account, digest) {
      await trip();
      const codes = held.get(account);
      if (codes?.includes(digest) !== true) return false;
      held.set(
        account,
        codes.filter((one) => one !== digest),
      );
      return true;
    },
    async remove(account) {
      await trip();
      held.delete(account);
    },
  };
}
