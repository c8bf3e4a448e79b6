/** What people change about who may come in for them goes into the audit trail and the log, with where it was done from. */
import type { FastifyRequest } from 'fastify';
import type { AccountId } from '../../kernel/ids.js';
import type { Log } from '../../kernel/log.js';
import { peerOf } from './identify.js';
import { requireSignedIn } from './signed-in.js';

export interface OwnAct {
  /** `passkey made`. */
  readonly what: string;
  readonly account: AccountId;
  readonly address: string;
  /** Never a password. */
  readonly detail: Readonly<Record<string, string>>;
}

export interface OwnActs {
  record(act: OwnAct): Promise<void>;
  readonly log: Log;
}

/** It has been done: that it cannot be written down is no reason to say otherwise. */
export async function noteAct(
  { record, log }: OwnActs,
  request: FastifyRequest,
  what: string,
  more: OwnAct['detail'] = {},
): Promise<void> {
  const { account, address } = requireSignedIn(request).principal;
  const detail = { ...more, from: peerOf(request).peer.address };
  log.info({ audit: what, account, ...detail }, what);
  try {
    await record({ what, account, address, detail });
  } catch (error) {
    log.warn({ err: error, audit: what, account }, 'the audit trail does not take it');
  }
}
