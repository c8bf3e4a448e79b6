import type { Connection } from './connection.js';
import { versionedDocuments } from './versioned-documents.js';

/** To whom somebody wrote lately: one document a person, rewritten whole, so that completion costs one read. */
export interface CorrespondentsDocument {
  readonly _id: string;
  readonly a: string;
  readonly list: readonly Correspondent[];
  readonly v: number;
}

export interface Correspondent {
  readonly address: string;
  readonly name: string;
  readonly uses: number;
  readonly last: Date;
}

export interface CorrespondentsCollection {
  ensureIndexes(): Promise<void>;
  get(account: string): Promise<Pick<CorrespondentsDocument, 'list' | 'v'>>;
  /** False when another process wrote meanwhile: version `v` is taken. */
  put(account: string, list: readonly Correspondent[], v: number): Promise<boolean>;
  remove(account: string): Promise<void>;
}

export function correspondents(connection: Connection): CorrespondentsCollection {
  const documents = versionedDocuments<Pick<CorrespondentsDocument, 'list'>>(connection, 'correspondents', {
    list: [],
  });
  return { ...documents, put: (account, list, v) => documents.put(account, { list }, v) };
}
