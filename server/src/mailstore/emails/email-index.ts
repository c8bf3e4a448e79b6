import type { MailboxId, MessageId, ModSeq, ThreadId } from '../../kernel/ids.js';
import { u32Column } from '../apply-op.js';
import type { EmailCounts, EmailPlace, Emails } from '../emails.js';
import { deletedBit, type FlagWords, seenBit } from '../flags.js';
import type { Entry, Op } from '../log-entry.js';
import { idBytes, type Rows, threadBytes } from '../mailbox-columns.js';
import { rowsOf, type SpilledRows } from '../mailbox-loader.js';
import { decodeUids } from '../uid-set.js';
import { DateOrder } from './date-order.js';
import { emailCounter } from './email-counts.js';
import { EmailPlaces, type Place } from './email-places.js';
import { grown } from './grown.js';
import { KeyTable } from './key-table.js';
import { MailboxPlaces } from './mailbox-places.js';
import { memo } from './memo.js';
import { ThreadLists } from './thread-lists.js';

type KeywordColumns = [Uint32Array | undefined, Uint32Array | undefined, Uint32Array | undefined];

/**
 * The emails of one account as packed columns (contract: emails.ts): about 120 octets an email with one place. Entries are applied
 * in the same turn as to the view it belongs to, so both always stand at the same entry.
 */
export class EmailIndex implements Emails {
  readonly memo = memo();
  asOf: ModSeq;
  shape = 0;
  live = 0;
  flags = new Uint32Array(0);
  keywords: KeywordColumns = [undefined, undefined, undefined];
  readonly #ids: KeyTable;
  readonly #threads: KeyTable;
  readonly #threadLists = new ThreadLists();
  #thread = new Int32Array(0);
  #date = new Uint32Array(0);
  #size = new Uint32Array(0);
  #slot = new Uint32Array(0);
  readonly #lies = new EmailPlaces();
  readonly #boxes: MailboxPlaces[] = [];
  readonly #boxOf = new Map<string, number>();
  readonly #order = new DateOrder(this);
  readonly #trash: () => string | undefined;
  #counter: ((mailbox: string) => EmailCounts) | undefined;

  /** `trash` names the mailbox whose emails do not make threads of others unread. */
  constructor(asOf: ModSeq, capacity: number, trash: () => string | undefined) {
    this.asOf = asOf;
    this.#ids = new KeyTable(3, capacity);
    this.#threads = new KeyTable(2, capacity >>> 1);
    this.#trash = trash;
  }

  get count(): number {
    return this.#ids.count;
  }

  /** Emails that keep a number and are nowhere any more, not even marked \\Deleted. At least so many. */
  get dead(): number {
    return this.count - this.live - this.#boxes.reduce((sum, { hidden }) => sum + hidden, 0);
  }

  get threadCount(): number {
    return this.#threads.count;
  }

  get bytes(): number {
    let bytes = this.#ids.bytes + this.#threads.bytes + this.#threadLists.bytes + this.memo.bytes;
    bytes += 24 * this.#date.length + this.#lies.bytes;
    for (const column of this.keywords) bytes += column?.byteLength ?? 0;
    for (const box of this.#boxes) bytes += box.bytes;
    return bytes;
  }

  async load(): Promise<void> {
    // Everything is there.
  }

  isLive(number: number): boolean {
    return this.#lies.isAnywhere(number);
  }

  idAt(number: number): MessageId {
    return this.#ids.hexAt(number) as MessageId;
  }

  threadAt(number: number): ThreadId {
    return this.#threads.hexAt(this.#thread[number]!) as ThreadId;
  }

  threadNumber(number: number): number {
    return this.#thread[number]!;
  }

  dateAt(number: number): number {
    return this.#date[number]!;
  }

  sizeAt(number: number): number {
    return this.#size[number]!;
  }

  slotAt(number: number): number {
    return this.#slot[number]!;
  }

  flagsAt(number: number): FlagWords {
    const [one, two, three] = this.keywords;
    return [this.flags[number]! >>> 0, one?.[number] ?? 0, two?.[number] ?? 0, three?.[number] ?? 0];
  }

  numberOf(id: string): number {
    const number = this.#ids.findHex(id);
    return number >= 0 && this.isLive(number) ? number : -1;
  }

  emailAt(mailbox: string, uid: number): number {
    const ordinal = this.#boxOf.get(mailbox);
    if (ordinal === undefined) return -1;
    const { columns, email } = this.#boxes[ordinal]!;
    const index = columns.indexOf(uid);
    return index < 0 ? -1 : email[index]!;
  }

  placesOf(number: number): readonly EmailPlace[] {
    return this.#lies.of(number).map(({ box, uid }) => ({ mailbox: this.#boxes[box]!.mailbox as MailboxId, uid }));
  }

  mailboxesOf(number: number): readonly MailboxId[] {
    const mailboxes = this.#lies.of(number).map(({ box }) => this.#boxes[box]!.mailbox as MailboxId);
    return mailboxes.length < 2 ? mailboxes : [...new Set(mailboxes)];
  }

  thread(id: string): Uint32Array {
    const thread = this.#threads.findHex(id);
    if (thread < 0) return new Uint32Array(0);
    return this.#threadLists.of(thread).sort((x, y) => this.#date[x]! - this.#date[y]! || this.compareIds(x, y));
  }

  byDate(): Uint32Array {
    return this.#order.upTo(this.count);
  }

  compareIds(x: number, y: number): number {
    return this.#ids.compare(x, y);
  }

  inMailbox(mailbox: string, belowUid?: number, hiddenToo = false): Uint32Array {
    const ordinal = this.#boxOf.get(mailbox);
    if (ordinal === undefined) return new Uint32Array(0);
    const box = this.#boxes[ordinal]!;
    const emails = box.email.slice(0, belowUid === undefined ? box.count : box.columns.lowerBound(belowUid));
    if (!this.#lies.anySeveral && (box.hidden === 0 || hiddenToo)) return emails;
    const met = new Uint8Array(this.count);
    return emails.filter((email, index) => {
      const first = met[email] === 0 && (hiddenToo || box.isShown(index));
      if (first) met[email] = 1;
      return first;
    });
  }

  counts(mailbox: string): EmailCounts {
    this.#counter ??= emailCounter(this, this.#trash());
    return this.#counter(mailbox);
  }

  /** One entry further. */
  apply(entry: Entry, spilled: SpilledRows): void {
    for (const op of entry.ops) this.#applyOp(op, entry, spilled);
    this.asOf = entry.n as ModSeq;
    this.#counter = undefined;
  }

  #applyOp(op: Op, entry: Entry, spilled: SpilledRows): void {
    switch (op.o) {
      case 'add':
      case 'adds':
        this.add(op.box, rowsOf(op, entry.n, spilled));
        return;
      case 'flag': {
        const ordinal = this.#ordinal(op.box);
        const box = this.#boxes[ordinal]!;
        const { indexes, appeared, vanished } = box.flag(decodeUids(op.u), op, entry.n);
        for (const index of appeared) this.#attach(box.email[index]!, { box: ordinal, uid: box.columns.uid[index]! });
        const elsewhere = this.#detach(ordinal, vanished);
        if (appeared.length + vanished.length > 0) this.shape += 1;
        for (const email of elsewhere) this.#uniteAll(email);
        this.#unite(box, indexes);
        return;
      }
      case 'gone': {
        const box = this.#places(op.box);
        this.#remove(op.box, box.columns.indexesOf(decodeUids(op.u)));
        return;
      }
      case 'drop':
        this.#remove(
          op.box,
          new Uint32Array(this.#places(op.box).count).map((_, i) => i),
        );
        return;
      case 'take': {
        const ordinal = this.#ordinal(op.from);
        this.#boxes[ordinal]!.mailbox = op.to;
        this.#boxOf.set(op.to, ordinal);
        this.#boxOf.delete(op.from);
        this.shape += 1;
        return;
      }
      default:
        return;
    }
  }

  /** Messages that came to `mailbox`, with their cold columns. */
  add(mailbox: string, rows: Rows): void {
    const { count, cold } = rows;
    if (cold === undefined) throw new TypeError('emails are made of whole rows');
    const ordinal = this.#ordinal(mailbox);
    const ids = u32Column(cold.id.subarray(0, idBytes * count));
    const threads = u32Column(cold.thread.subarray(0, threadBytes * count));
    const emails = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const before = this.#ids.count;
      const email = this.#ids.add(ids, 3 * i);
      emails[i] = email;
      if (email === before) {
        this.#reserve(email + 1);
        this.#thread[email] = this.#threads.add(threads, 2 * i);
        this.#date[email] = cold.date[i]!;
        this.#size[email] = cold.size[i]!;
        this.#slot[email] = cold.slot[i]!;
      }
      if ((rows.flags[i]! & deletedBit) === 0) this.#attach(email, { box: ordinal, uid: rows.uid[i]! });
    }
    const box = this.#boxes[ordinal]!;
    const at = box.count;
    box.add(rows, emails);
    this.#unite(
      box,
      emails.map((_, i) => at + i),
    );
    this.shape += 1;
  }

  #remove(mailbox: string, indexes: Uint32Array): void {
    if (indexes.length === 0) return;
    const ordinal = this.#ordinal(mailbox);
    const box = this.#boxes[ordinal]!;
    const elsewhere = this.#detach(
      ordinal,
      indexes.filter((index) => box.isShown(index)),
    );
    box.remove(indexes);
    for (const email of elsewhere) this.#uniteAll(email);
    this.shape += 1;
  }

  #attach(email: number, place: Place): void {
    if (!this.#lies.add(email, place)) return;
    this.#threadLists.add(this.#thread[email]!, email);
    this.live += 1;
  }

  /** Takes places away; gives the emails that are left with others. */
  #detach(ordinal: number, indexes: Uint32Array): number[] {
    const { email, columns } = this.#boxes[ordinal]!;
    const { gone, left } = this.#lies.remove(
      ordinal,
      indexes.map((index) => email[index]!),
      indexes.map((index) => columns.uid[index]!),
    );
    for (const one of gone) this.#threadLists.remove(this.#thread[one]!, one);
    this.live -= gone.length;
    return left;
  }

  /** The flags of emails after those of some of their places changed: each email once, however often it lies there. */
  #unite(box: MailboxPlaces, indexes: Iterable<number>): void {
    const several = new Set<number>();
    for (const index of indexes) {
      if (!box.isShown(index)) continue;
      const email = box.email[index]!;
      if (this.#lies.hasSeveral(email)) {
        several.add(email);
        continue;
      }
      this.flags[email] = box.columns.flags[index]!;
      for (let word = 0; word < 3; word++) this.#setKeywords(word, email, box.columns.keywordWord(word, index));
    }
    for (const email of several) this.#uniteAll(email);
  }

  #uniteAll(email: number): void {
    const words: [number, number, number, number] = [0, 0, 0, 0];
    let seen = seenBit;
    for (const { box, uid } of this.#lies.of(email)) {
      const { columns } = this.#boxes[box]!;
      const index = columns.indexOf(uid);
      words[0] |= columns.flags[index]!;
      seen &= columns.flags[index]!;
      for (let word = 0; word < 3; word++) words[word + 1]! |= columns.keywordWord(word, index);
    }
    this.flags[email] = (words[0] & ~seenBit) | seen;
    for (let word = 0; word < 3; word++) this.#setKeywords(word, email, words[word + 1]!);
  }

  #setKeywords(word: number, email: number, bits: number): void {
    const column = this.keywords[word];
    if (bits === 0 && (column === undefined || column.length <= email)) return;
    const roomy = grown(column ?? new Uint32Array(0), this.flags.length);
    roomy[email] = bits;
    this.keywords[word] = roomy;
  }

  #places(mailbox: string): MailboxPlaces {
    return this.#boxes[this.#ordinal(mailbox)]!;
  }

  #ordinal(mailbox: string): number {
    let ordinal = this.#boxOf.get(mailbox);
    if (ordinal === undefined) {
      ordinal = this.#boxes.push(new MailboxPlaces(mailbox)) - 1;
      this.#boxOf.set(mailbox, ordinal);
    }
    return ordinal;
  }

  #reserve(count: number): void {
    if (count <= this.#date.length) return;
    this.#thread = grown(this.#thread, count);
    this.#date = grown(this.#date, count);
    this.#size = grown(this.#size, count);
    this.#slot = grown(this.#slot, count);
    this.#lies.reserve(count);
    this.flags = grown(this.flags, count);
  }
}
