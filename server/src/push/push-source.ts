/**
 * Who says that types of objects changed (RFC 8620 7.1). Each part of the service that has objects of its own is a source. A source
 * tells states as its types' /get would, and calls back when they may have moved; telling too often is harmless, for only what
 * differs is pushed.
 */
import type { StateChange, TypeState } from '@vaguemestre/shared/jmap/core';
import type { Account } from '../mailstore/account.js';

export interface PushSource {
  readonly types: readonly string[];
  /** Of each of its types. */
  states(account: Account): Promise<Readonly<Record<string, string>>>;
  /** `changed` is called until what this returns is called. */
  watch(account: Account, changed: () => void): () => void;
}

/** Of the types of the sources, or of those among them. */
export async function statesOf(
  account: Account,
  sources: readonly PushSource[],
  types?: ReadonlySet<string>,
): Promise<TypeState> {
  const states = await Promise.all(sources.map((source) => source.states(account)));
  return Object.fromEntries(
    states.flatMap((each) => Object.entries(each)).filter(([type]) => types?.has(type) ?? true),
  );
}

/** Those of `now` that `before` does not have. */
export function movedStates(before: TypeState | undefined, now: TypeState): TypeState {
  return Object.fromEntries(Object.entries(now).filter(([type, state]) => before?.[type] !== state));
}

export function stateChange(account: string, changed: TypeState): StateChange {
  return { '@type': 'StateChange', changed: { [account]: changed } };
}
