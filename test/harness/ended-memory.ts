import type { ArchiveDocument } from '@vaguemestre/server/database/archives';
import type { AuditDocument } from '@vaguemestre/server/database/audit';
import type { EndedAccounts } from '@vaguemestre/server/database/ended-accounts';
import type { LifeDocument } from '@vaguemestre/server/database/lives';

/** What is kept of accounts that end, in memory: for tests of the command line. */
export function memoryEnded(): Pick<EndedAccounts, 'lives' | 'archives' | 'audit'> {
  const lives = new Map<string, LifeDocument>();
  const archives = new Map<string, ArchiveDocument>();
  const audit: AuditDocument[] = [];
  const change = (account: string, ends: Date, marks: Partial<LifeDocument>): boolean => {
    const held = lives.get(account);
    if (held?.ends.getTime() !== ends.getTime()) return false;
    lives.set(account, { ...held, ...marks });
    return true;
  };
  return {
    lives: {
      list: async () => [...lives.values()],
      get: async (account) => lives.get(account),
      async begin(account, ends) {
        const held = lives.get(account);
        if (held?.ends.getTime() === ends.getTime()) return held;
        const fresh = { _id: account, ends };
        lives.set(account, fresh);
        return fresh;
      },
      mark: async (account, ends, marks) => change(account, ends, marks),
      markAnswered: async (account, ends, mailbox, uidNext) =>
        change(account, ends, { answered: { ...lives.get(account)?.answered, [mailbox]: uidNext } }),
      remove: async (account) => void lives.delete(account),
    },
    archives: {
      add: async (archive) => void archives.set(archive._id, archive),
      get: async (id) => archives.get(id),
      list: async (account) => [...archives.values()].filter(({ a }) => account === undefined || a === account),
      remove: async (id) => void archives.delete(id),
    },
    audit: {
      ensureIndexes: async () => undefined,
      add: async (entry) => void audit.push(entry),
      list: async ({ account, address, limit }) =>
        audit.filter((one) => (account ?? one.a) === one.a && (address ?? one.address) === one.address).slice(-limit),
    },
  };
}
