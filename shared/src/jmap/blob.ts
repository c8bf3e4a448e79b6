/** RFC 9404: blobs inside a request. */
import type { Id } from './core.js';
import type { SetError } from './errors.js';

/** RFC 9404 4.1: exactly one of the three. */
export type BlobDataSource =
  | { readonly 'data:asText': string }
  | { readonly 'data:asBase64': string }
  | { readonly blobId: Id; readonly offset?: number | null; readonly length?: number | null };

export interface BlobUpload {
  readonly data: readonly BlobDataSource[];
  readonly type?: string | null;
}

export interface BlobUploadArguments {
  readonly accountId: Id;
  readonly create: Readonly<Record<Id, BlobUpload>>;
}

export interface CreatedBlob {
  readonly id: Id;
  readonly type: string | null;
  readonly size: number;
}

export interface BlobUploadResponse {
  readonly accountId: Id;
  readonly created: Readonly<Record<Id, CreatedBlob>> | null;
  readonly notCreated: Readonly<Record<Id, SetError>> | null;
}

/** RFC 9404 4.2: properties are `data:asText`, `data:asBase64`, `data`, `size` and `digest:` with an algorithm. */
export interface BlobGetArguments {
  readonly accountId: Id;
  readonly ids: readonly Id[];
  readonly properties?: readonly string[] | null;
  readonly offset?: number | null;
  readonly length?: number | null;
}

export interface BlobData {
  readonly id: Id;
  readonly 'data:asText'?: string | null;
  readonly 'data:asBase64'?: string;
  readonly size?: number;
  readonly isEncodingProblem?: boolean;
  readonly isTruncated?: boolean;
  readonly [digest: `digest:${string}`]: string;
}

/** RFC 9404 4.3. */
export interface BlobLookupArguments {
  readonly accountId: Id;
  readonly typeNames: readonly string[];
  readonly ids: readonly Id[];
}

export interface BlobLookup {
  readonly id: Id;
  readonly matchedIds: Readonly<Record<string, readonly Id[]>>;
}
