import { applyFlags } from '../apply-op.js';
import type { FlagOp } from '../log-entry.js';
import { Columns, type Rows } from '../mailbox-columns.js';
import { grown } from './grown.js';

/** The places of one mailbox: uid and flags of each message as IMAP sees it, and which email it is. */
export class MailboxPlaces {
  mailbox: string;
  readonly columns = new Columns(0, false);
  /** The email at each index of the columns. */
  email = new Uint32Array(0);

  constructor(mailbox: string) {
    this.mailbox = mailbox;
  }

  get count(): number {
    return this.columns.count;
  }

  get bytes(): number {
    return this.columns.bytes + this.email.byteLength;
  }

  add(rows: Rows, emails: Uint32Array): void {
    const at = this.columns.count;
    this.columns.append(rows);
    this.email = grown(this.email, this.columns.count);
    this.email.set(emails, at);
  }

  /** Indexes of those that are here. */
  flag(uids: Uint32Array, op: FlagOp, n: number): Uint32Array {
    const indexes = this.columns.indexesOf(uids);
    applyFlags(this.columns, indexes, op, n);
    return indexes;
  }

  /** Takes out the messages at `indexes` (ascending). */
  remove(indexes: Uint32Array): void {
    let to = indexes[0] ?? 0;
    for (let i = 0; i < indexes.length; i++) {
      const from = indexes[i]! + 1;
      const end = i + 1 < indexes.length ? indexes[i + 1]! : this.columns.count;
      this.email.copyWithin(to, from, end);
      to += end - from;
    }
    this.columns.remove(indexes);
  }
}
