import type { ModSeq } from '../kernel/ids.js';
import type { LoadedMailbox, MailboxObserver } from './loaded-mailbox.js';
import type { MailboxCursor, MailboxDelta, MailboxInfo } from './mailbox.js';
import type { Columns } from './mailbox-columns.js';
import type { MailboxVersion } from './mailbox-version.js';

/** What a cursor asks of the account it belongs to. */
export interface CursorHost {
  info(): MailboxInfo | undefined;
  keywordCount(): number;
}

/** Flag changes a session may leave unread before they are found by their modseq instead of remembered. */
const maxRememberedChanges = 1024;
const none = new Uint32Array(0);

/**
 * The place of one selected session in the life of a mailbox (contract: mailbox.ts). It holds its generation until
 * `advance`; what happens meanwhile is a reference to the uids of each flag change, never a copy of the mailbox.
 */
export class Cursor implements MailboxCursor, MailboxObserver {
  readonly by: string;
  readonly #mailbox: LoadedMailbox;
  readonly #host: CursorHost;
  readonly #listeners = new Set<() => void>();
  #version: MailboxVersion;
  #info: MailboxInfo;
  #changed: Uint32Array[] = [];
  /** Too many changes were left unread: those above `#told` have changed. */
  #forgot = false;
  #told: number;
  #toldKeywords: number;
  #closed = false;

  constructor(by: string, mailbox: LoadedMailbox, version: MailboxVersion, info: MailboxInfo, host: CursorHost) {
    this.by = by;
    this.#mailbox = mailbox;
    this.#host = host;
    this.#version = version;
    this.#info = info;
    this.#told = info.highestModseq;
    this.#toldKeywords = host.keywordCount();
    mailbox.observers.add(this);
  }

  get view(): MailboxVersion {
    return this.#version;
  }

  get info(): MailboxInfo {
    // A deleted mailbox stays what it was last known as.
    this.#info = this.#host.info() ?? this.#info;
    return this.#info;
  }

  get pending(): boolean {
    if (this.#closed) return false;
    const { generation, gone } = this.#mailbox;
    return (
      gone ||
      this.#changed.length > 0 ||
      this.#forgot ||
      generation !== this.#version.generation ||
      generation.columns.count > this.#version.count ||
      this.#host.keywordCount() > this.#toldKeywords
    );
  }

  flagsChanged(uids: Uint32Array): void {
    if (this.#forgot) return;
    this.#changed.push(uids);
    if (this.#changed.length <= maxRememberedChanges) return;
    this.#changed = [];
    this.#forgot = true;
  }

  stirred(): void {
    if (!this.pending) return;
    for (const listener of [...this.#listeners]) listener();
  }

  advance(options: { readonly expunges: boolean }): MailboxDelta {
    const info = this.info;
    const before = this.#version;
    const { generation } = this.#mailbox;
    const moved = generation !== before.generation;
    const held = moved && !options.expunges;
    let expunged: Uint32Array = none;
    let expungedUids: Uint32Array = none;
    // Messages that the session knew before, in the new view.
    let known = before.count;
    if (!held) {
      if (moved) {
        [expunged, expungedUids] = difference(before.generation.columns, before.count, generation.columns);
        known -= expunged.length;
        this.#mailbox.hold();
        this.#mailbox.release(before.generation);
      }
      this.#version = before.at(generation, generation.columns.count);
    }
    const changed = this.#takeChanged(known);
    const keywordsGrew = this.#host.keywordCount() > this.#toldKeywords;
    this.#toldKeywords = this.#host.keywordCount();
    // RFC 7162 3.1.2.1: not above a change that the session was not told of.
    if (!held) this.#told = info.highestModseq;
    return {
      expunged,
      expungedUids,
      exists: this.#version.count > known ? this.#version.count : undefined,
      changed,
      highestModseq: this.#told as ModSeq,
      keywordsGrew,
      gone: this.#mailbox.gone,
    };
  }

  onPending(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.pending) this.#mailbox.stir();
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listeners.clear();
    this.#mailbox.observers.delete(this);
    this.#mailbox.release(this.#version.generation);
  }

  /** Indexes below `known` in the view whose flags changed, ascending, each once. */
  #takeChanged(known: number): Uint32Array {
    if (!this.#forgot && this.#changed.length === 0) return none;
    const view = this.#version;
    const indexes = new Set<number>();
    if (this.#forgot) {
      for (let i = 0; i < known; i++) if (view.modseq[i]! > this.#told) indexes.add(i);
    } else {
      for (const uids of this.#changed) {
        for (const index of view.generation.columns.indexesOf(uids)) if (index < known) indexes.add(index);
      }
    }
    this.#changed = [];
    this.#forgot = false;
    return Uint32Array.from(indexes).sort();
  }
}

/** Sequence numbers and uids of the first `count` messages of `before` that are not in `after`. */
function difference(before: Columns, count: number, after: Columns): [Uint32Array, Uint32Array] {
  const numbers: number[] = [];
  const uids: number[] = [];
  let j = 0;
  for (let i = 0; i < count; i++) {
    const uid = before.uid[i]!;
    while (j < after.count && after.uid[j]! < uid) j += 1;
    if (j < after.count && after.uid[j] === uid) continue;
    numbers.push(i + 1);
    uids.push(uid);
  }
  return [Uint32Array.from(numbers), Uint32Array.from(uids)];
}
