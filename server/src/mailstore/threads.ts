import { createHash, randomBytes } from 'node:crypto';
import type { MessageFacts } from '../codec/mime/message-facts.js';
import type { Messages, ThreadMatch } from '../database/messages.js';
import { threadBytes } from './mailbox-columns.js';

/**
 * Threads of new messages (store design section 5): one find on `{a, refs}`, before the commit, because a thread id may
 * never change once it was seen. A message whose relatives are not there gets an id made from the oldest of its references,
 * so that two answers that arrive at the same moment, or before their question, meet in one thread all the same.
 */
export async function findThreads(
  messages: Messages,
  accounts: readonly string[],
  facts: MessageFacts,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const matches = facts.references.length === 0 ? [] : await messages.threads(accounts, facts.references);
  return new Map(accounts.map((account) => [account, threadOf(account, facts, matches)]));
}

function threadOf(account: string, facts: MessageFacts, matches: readonly ThreadMatch[]): Uint8Array {
  // When a message joins two threads, every process chooses the same.
  let thread: Uint8Array | undefined;
  for (const match of matches) {
    if (match.account !== account) continue;
    if (thread === undefined || Buffer.compare(match.thread, thread) < 0) thread = match.thread;
  }
  return thread ?? newThread(account, facts);
}

function newThread(account: string, facts: MessageFacts): Uint8Array {
  const { references, messageId } = facts;
  const oldest = messageId !== undefined && references.length > 1 ? references[1] : references[0];
  if (oldest === undefined) return randomBytes(threadBytes);
  return createHash('sha256').update(`${account}/${oldest}`).digest().subarray(0, threadBytes);
}
