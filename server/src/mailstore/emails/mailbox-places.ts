import { applyFlags } from '../apply-op.js';
import { deletedBit } from '../flags.js';
import type { FlagOp } from '../log-entry.js';
import { Columns, type Rows } from '../mailbox-columns.js';
import { grown } from './grown.js';

export interface FlaggedPlaces {
  readonly indexes: Uint32Array;
  readonly appeared: Uint32Array;
  readonly vanished: Uint32Array;
}

const none = new Uint32Array(0);

/** The places of one mailbox: uid and flags of each message as IMAP sees it, and which email it is. */
export class MailboxPlaces {
  mailbox: string;
  readonly columns = new Columns(0, false);
  /** The email at each index of the columns. */
  email = new Uint32Array(0);
  /** How many of the messages are marked \\Deleted: to JMAP they do not lie here (RFC 8621 4.1.1). */
  hidden = 0;

  constructor(mailbox: string) {
    this.mailbox = mailbox;
  }

  get count(): number {
    return this.columns.count;
  }

  get bytes(): number {
    return this.columns.bytes + this.email.byteLength;
  }

  isShown(index: number): boolean {
    return (this.columns.flags[index]! & deletedBit) === 0;
  }

  add(rows: Rows, emails: Uint32Array): void {
    const at = this.columns.count;
    this.columns.append(rows);
    this.email = grown(this.email, this.columns.count);
    this.email.set(emails, at);
    for (let i = at; i < this.columns.count; i++) if (!this.isShown(i)) this.hidden += 1;
  }

  /** Those that are here: their indexes, and of them those that came into sight and went out of it. */
  flag(uids: Uint32Array, op: FlagOp, n: number): FlaggedPlaces {
    const indexes = this.columns.indexesOf(uids);
    const mayMove = ((op.on | op.off) & deletedBit) !== 0;
    const before = mayMove ? indexes.filter((index) => this.isShown(index)) : indexes;
    applyFlags(this.columns, indexes, op, n);
    if (!mayMove) return { indexes, appeared: none, vanished: none };
    const vanished = before.filter((index) => !this.isShown(index));
    const wasShown = new Set(before);
    const appeared = indexes.filter((index) => !wasShown.has(index) && this.isShown(index));
    this.hidden += vanished.length - appeared.length;
    return { indexes, appeared, vanished };
  }

  /** Takes out the messages at `indexes` (ascending). */
  remove(indexes: Uint32Array): void {
    for (const index of indexes) if (!this.isShown(index)) this.hidden -= 1;
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
