import type { EmailCounts, Emails } from '../emails.js';
import { draftBit, seenBit } from '../flags.js';

/**
 * Counts of RFC 8621 2, of one state of an account. A thread with an email in a mailbox is unread when one of its emails is,
 * wherever it lies; but what lies in the trash alone makes no thread of another mailbox unread, and for the trash only what is in
 * it counts. All mailboxes together cost one pass over the emails and one over their places.
 */
export function emailCounter(emails: Emails, trash: string | undefined): (mailbox: string) => EmailCounts {
  const known = new Map<string, EmailCounts>();
  /** By thread: the pass in which it was met. */
  const met = new Uint32Array(emails.threadCount);
  let pass = 0;
  let unreadAnywhere: Uint8Array | undefined;

  function count(mailbox: string): EmailCounts {
    const here = emails.inMailbox(mailbox);
    unreadAnywhere ??= unreadThreads(emails, trash);
    const unreadHere = mailbox === trash ? markUnread(emails, here) : unreadAnywhere;
    let unread = 0;
    let threads = 0;
    let unreadOnes = 0;
    pass += 1;
    for (const email of here) {
      if (isUnread(emails, email)) unread += 1;
      const thread = emails.threadNumber(email);
      if (met[thread] === pass) continue;
      met[thread] = pass;
      threads += 1;
      if (unreadHere[thread] === 1) unreadOnes += 1;
    }
    return { emails: here.length, unread, threads, unreadThreads: unreadOnes };
  }

  return (mailbox) => {
    let counts = known.get(mailbox);
    if (counts === undefined) {
      counts = count(mailbox);
      known.set(mailbox, counts);
    }
    return counts;
  };
}

function unreadThreads(emails: Emails, trash: string | undefined): Uint8Array {
  const marks = new Uint8Array(emails.threadCount);
  const inTrash = new Uint8Array(emails.count);
  if (trash !== undefined) for (const email of emails.inMailbox(trash)) inTrash[email] = 1;
  for (let email = 0; email < emails.count; email++) {
    if (!emails.isLive(email) || !isUnread(emails, email)) continue;
    if (inTrash[email] === 1 && emails.mailboxesOf(email).every((mailbox) => mailbox === trash)) continue;
    marks[emails.threadNumber(email)] = 1;
  }
  return marks;
}

function markUnread(emails: Emails, some: Uint32Array): Uint8Array {
  const marks = new Uint8Array(emails.threadCount);
  for (const email of some) if (isUnread(emails, email)) marks[emails.threadNumber(email)] = 1;
  return marks;
}

function isUnread(emails: Emails, email: number): boolean {
  return (emails.flags[email]! & (seenBit | draftBit)) === 0;
}
