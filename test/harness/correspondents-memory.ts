import type { CorrespondentsCollection, CorrespondentsDocument } from '@vaguemestre/server/database/correspondents';

export function memoryCorrespondents(): CorrespondentsCollection {
  const documents = new Map<string, Pick<CorrespondentsDocument, 'list' | 'v'>>();
  return {
    ensureIndexes: async () => undefined,
    get: async (account) => documents.get(account) ?? { list: [], v: 0 },
    async put(account, list, v) {
      if ((documents.get(account)?.v ?? 0) !== v - 1) return false;
      documents.set(account, { list, v });
      return true;
    },
    remove: async (account) => void documents.delete(account),
  };
}
