/**
 * States of the types that live in an account's log: its modseq (store design section 5). A state is read before the objects,
 * so that what changes meanwhile is told again rather than missed.
 */
import type { Account } from '../../../mailstore/account.js';
import { MethodError } from '../method.js';

export const accountState = (account: Account): string => String(account.modseq);

/** The modseq of a state that this account gave out. MethodError cannotCalculateChanges for anything else. */
export function modseqOf(state: string, account: Account): number {
  const modseq = /^(?:0|[1-9]\d{0,15})$/.test(state) ? Number(state) : Number.NaN;
  if (!(modseq <= account.modseq)) throw cannotCalculateChanges();
  return modseq;
}

export function cannotCalculateChanges(): MethodError {
  return new MethodError('cannotCalculateChanges', 'The changes since that state are not known any more');
}
