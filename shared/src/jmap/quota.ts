/** RFC 9425: quotas. */
import type { Id } from './core.js';
import type { ChangesResponse, Comparator } from './methods.js';

export interface Quota {
  readonly id: Id;
  readonly resourceType: 'count' | 'octets';
  readonly used: number;
  readonly hardLimit: number;
  readonly scope: 'account' | 'domain' | 'global';
  readonly name: string;
  /** Type names whose objects count. */
  readonly types: readonly string[];
  readonly warnLimit: number | null;
  readonly softLimit: number | null;
  readonly description: string | null;
}

/** RFC 9425 4.3: only these properties changed, if not null. */
export interface QuotaChangesResponse extends ChangesResponse {
  readonly updatedProperties: readonly (keyof Quota)[] | null;
}

/** RFC 9425 4.4. */
export interface QuotaFilterCondition {
  readonly name?: string;
  readonly scope?: Quota['scope'];
  readonly resourceType?: Quota['resourceType'];
  readonly type?: string;
}

export type QuotaComparator = Comparator<'name' | 'used'>;
