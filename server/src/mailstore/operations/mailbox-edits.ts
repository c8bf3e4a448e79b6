import type { EmailPlace } from '../emails.js';
import type { EntryBuilder } from '../entry-builder.js';
import { type FlagWords, seenBit } from '../flags.js';
import type { Op } from '../log-entry.js';
import { Columns, idBytes, newColdColumns, threadBytes } from '../mailbox-columns.js';
import { addRows } from './copy.js';
import { pushGoneOp } from './expunge.js';
import { differs, type Masks, pushFlagOp } from './store-flags.js';

interface Addition {
  readonly source: EmailPlace;
  readonly words: FlagWords;
}

interface Creation {
  readonly op: Op;
  readonly seen: boolean;
  readonly bytes: number;
}

interface Edits {
  /** By masks, so that a thousand emails that become read are one op. */
  readonly flags: Map<string, { readonly masks: Masks; readonly indexes: number[] }>;
  readonly gone: number[];
  readonly additions: Addition[];
  readonly creations: Creation[];
  readonly seen: Map<number, boolean>;
}

/**
 * Changes of many emails in many mailboxes, gathered and then written as the ops of one entry: of each mailbox first flags, then
 * what goes, then what comes. No message is named by two of them.
 */
export class MailboxEdits {
  readonly #account: string;
  readonly #entry: EntryBuilder;
  readonly #boxes = new Map<string, Edits>();

  constructor(account: string, entry: EntryBuilder) {
    this.#account = account;
    this.#entry = entry;
  }

  flag(mailbox: string, uid: number, masks: Masks): void {
    const columns = this.#entry.view.columns(mailbox);
    const index = columns.indexOf(uid);
    if (index < 0 || !differs(columns, index, masks)) return;
    const edits = this.#of(mailbox);
    const key = `${masks.on}/${masks.off}`;
    const group = edits.flags.get(key);
    if (group === undefined) edits.flags.set(key, { masks, indexes: [index] });
    else group.indexes.push(index);
    const before = columns.flags[index]! & seenBit;
    const after = ((columns.flags[index]! & ~masks.off[0]) | masks.on[0]) & seenBit;
    if (before !== after) edits.seen.set(index, after !== 0);
  }

  remove(mailbox: string, uid: number): void {
    const index = this.#entry.view.columns(mailbox).indexOf(uid);
    if (index >= 0) this.#of(mailbox).gone.push(index);
  }

  /** The message at `source` comes to `mailbox` too, with these flags. */
  add(mailbox: string, source: EmailPlace, words: FlagWords): void {
    this.#of(mailbox).additions.push({ source, words });
  }

  create(mailbox: string, op: Op, counted: Omit<Creation, 'op'>): void {
    this.#of(mailbox).creations.push({ op, ...counted });
  }

  write(): void {
    for (const [mailbox, edits] of this.#boxes) this.#write(mailbox, edits);
  }

  #write(mailbox: string, { flags, gone, additions, creations, seen }: Edits): void {
    const entry = this.#entry;
    if (flags.size > 0 || gone.length > 0) {
      const columns = entry.view.columns(mailbox);
      for (const { masks, indexes } of flags.values()) {
        pushFlagOp(entry, mailbox, columns, Uint32Array.from(indexes).sort(), masks);
      }
      const going = Uint32Array.from(gone).sort();
      if (going.length > 0) pushGoneOp(entry, this.#account, mailbox, columns, going);
      entry.countMixed(mailbox, columns, going, seen);
    }
    // Uids of created messages were taken already: those of copies are above them.
    for (const { op, seen: isSeen, bytes } of creations) {
      entry.ops.push(op);
      entry.countAdded(mailbox, 1, isSeen ? 0 : 1, 0, bytes);
    }
    if (additions.length > 0) {
      const lo = entry.takeUids(mailbox, additions.length);
      addRows(entry, this.#account, mailbox, lo, this.#rows(additions, lo));
    }
  }

  #rows(additions: readonly Addition[], lo: number): Columns {
    const rows = new Columns(additions.length, false);
    const cold = newColdColumns(additions.length);
    rows.count = additions.length;
    rows.modseq.fill(this.#entry.n);
    for (const [i, { source, words }] of additions.entries()) {
      const columns = this.#entry.view.columns(source.mailbox);
      const index = columns.indexOf(source.uid);
      const from = columns.cold!;
      rows.uid[i] = lo + i;
      rows.flags[i] = words[0];
      for (let word = 0; word < 3; word++) if (words[word + 1] !== 0) rows.keywordColumn(word)[i] = words[word + 1]!;
      cold.size[i] = from.size[index]!;
      cold.date[i] = from.date[index]!;
      cold.slot[i] = from.slot[index]!;
      cold.id.set(from.id.subarray(idBytes * index, idBytes * (index + 1)), idBytes * i);
      cold.thread.set(from.thread.subarray(threadBytes * index, threadBytes * (index + 1)), threadBytes * i);
    }
    rows.cold = cold;
    return rows;
  }

  #of(mailbox: string): Edits {
    let edits = this.#boxes.get(mailbox);
    if (edits === undefined) {
      edits = { flags: new Map(), gone: [], additions: [], creations: [], seen: new Map() };
      this.#boxes.set(mailbox, edits);
    }
    return edits;
  }
}
