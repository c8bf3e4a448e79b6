/** The standard methods of RFC 8620 section 5 for an object type `T`, and RFC 8620 4: Core/echo. */
import type { Id } from './core.js';
import type { SetError } from './errors.js';

/** RFC 8620 5.1. */
export interface GetArguments {
  readonly accountId: Id;
  /** null: all, within maxObjectsInGet. */
  readonly ids?: readonly Id[] | null;
  readonly properties?: readonly string[] | null;
}

/** `T` holds the properties that were asked for, and always the id. */
export interface GetResponse<T> {
  readonly accountId: Id;
  readonly state: string;
  readonly list: readonly T[];
  readonly notFound: readonly Id[];
}

/** RFC 8620 5.2. */
export interface ChangesArguments {
  readonly accountId: Id;
  readonly sinceState: string;
  readonly maxChanges?: number | null;
}

export interface ChangesResponse {
  readonly accountId: Id;
  readonly oldState: string;
  readonly newState: string;
  readonly hasMoreChanges: boolean;
  readonly created: readonly Id[];
  readonly updated: readonly Id[];
  readonly destroyed: readonly Id[];
}

/** RFC 8620 5.3: paths without their leading `/` to values; null removes or resets. */
export type PatchObject = Readonly<Record<string, unknown>>;

/** RFC 8620 5.3. */
export interface SetArguments<T> {
  readonly accountId: Id;
  readonly ifInState?: string | null;
  readonly create?: Readonly<Record<Id, Partial<T>>> | null;
  readonly update?: Readonly<Record<Id, PatchObject>> | null;
  readonly destroy?: readonly Id[] | null;
}

export interface SetResponse<T> {
  readonly accountId: Id;
  readonly oldState: string | null;
  readonly newState: string;
  readonly created: Readonly<Record<Id, Partial<T> & { readonly id: Id }>> | null;
  /** Properties that changed otherwise than the client said. */
  readonly updated: Readonly<Record<Id, Partial<T> | null>> | null;
  readonly destroyed: readonly Id[] | null;
  readonly notCreated: Readonly<Record<Id, SetError>> | null;
  readonly notUpdated: Readonly<Record<Id, SetError>> | null;
  readonly notDestroyed: Readonly<Record<Id, SetError>> | null;
}

/** RFC 8620 5.4. */
export interface CopyArguments<T> {
  readonly fromAccountId: Id;
  readonly ifFromInState?: string | null;
  readonly accountId: Id;
  readonly ifInState?: string | null;
  readonly create: Readonly<Record<Id, Partial<T> & { readonly id: Id }>>;
  readonly onSuccessDestroyOriginal?: boolean;
  readonly destroyFromIfInState?: string | null;
}

export interface CopyResponse<T> {
  readonly fromAccountId: Id;
  readonly accountId: Id;
  readonly oldState: string | null;
  readonly newState: string;
  readonly created: Readonly<Record<Id, Partial<T> & { readonly id: Id }>> | null;
  readonly notCreated: Readonly<Record<Id, SetError>> | null;
}

/** RFC 8620 5.5: conditions of one filter are joined by AND. */
export interface FilterOperator<C> {
  readonly operator: 'AND' | 'OR' | 'NOT';
  readonly conditions: readonly Filter<C>[];
}
export type Filter<C> = FilterOperator<C> | C;

export interface Comparator<P extends string = string> {
  readonly property: P;
  readonly isAscending?: boolean;
  readonly collation?: string;
}

export interface QueryArguments<C, S extends Comparator = Comparator> {
  readonly accountId: Id;
  readonly filter?: Filter<C> | null;
  readonly sort?: readonly S[] | null;
  /** Negative: from the end. Ignored with `anchor`. */
  readonly position?: number;
  readonly anchor?: Id | null;
  readonly anchorOffset?: number;
  readonly limit?: number | null;
  readonly calculateTotal?: boolean;
}

export interface QueryResponse {
  readonly accountId: Id;
  readonly queryState: string;
  readonly canCalculateChanges: boolean;
  readonly position: number;
  readonly ids: readonly Id[];
  /** Only when it was asked for. */
  readonly total?: number;
  /** Only when the server set a lower one, or one at all. */
  readonly limit?: number;
}

/** RFC 8620 5.6. */
export interface QueryChangesArguments<C, S extends Comparator = Comparator> {
  readonly accountId: Id;
  readonly filter?: Filter<C> | null;
  readonly sort?: readonly S[] | null;
  readonly sinceQueryState: string;
  readonly maxChanges?: number | null;
  readonly upToId?: Id | null;
  readonly calculateTotal?: boolean;
}

export interface AddedItem {
  readonly id: Id;
  readonly index: number;
}

/** Applied in this order: remove `removed`, then insert `added` one after the other at its index. */
export interface QueryChangesResponse {
  readonly accountId: Id;
  readonly oldQueryState: string;
  readonly newQueryState: string;
  readonly total?: number;
  readonly removed: readonly Id[];
  readonly added: readonly AddedItem[];
}
