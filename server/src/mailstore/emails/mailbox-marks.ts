import type { MailboxId } from '../../kernel/ids.js';
import type { ObjectChanges } from '../account-changes.js';
import type { AccountState } from '../account-state.js';
import { deletedBit } from '../flags.js';
import type { Entry } from '../log-entry.js';

export interface MailboxChanges {
  readonly mailboxes: ObjectChanges<MailboxId>;
  readonly onlyCounts: ReadonlySet<MailboxId>;
}

/** What became of the mailboxes between two states, told by the entries in between and by what is there now. */
export class MailboxMarks {
  readonly #now: AccountState;
  readonly #created = new Set<string>();
  readonly #destroyed = new Set<string>();
  readonly #changed = new Set<string>();
  readonly #counted = new Set<string>();
  /** Paths that were given to a tree, and that were subscribed to or no more. */
  readonly #moved: string[] = [];
  readonly #subscribed: string[] = [];

  constructor(now: AccountState) {
    this.#now = now;
  }

  mark(entry: Entry): void {
    for (const op of entry.ops) {
      if (op.o === 'box') {
        if (isNew(entry, op.id)) this.#created.add(op.id);
        else this.#changed.add(op.id);
      } else if (op.o === 'drop') this.#destroyed.add(op.box);
      else if (op.o === 'flag' && ((op.on | op.off) & deletedBit) !== 0) this.#counted.add(op.box);
      else if (op.o === 'tree') this.#moved.push(op.to);
      else if (op.o === 'sub') this.#subscribed.push(op.path);
    }
    for (const { id } of entry.after) this.#counted.add(id);
  }

  /** `counted`: mailboxes whose counts may have changed because of what is elsewhere. */
  answer(counted: ReadonlySet<string>): MailboxChanges {
    const { boxes } = this.#now;
    const changed = this.#changedNow();
    const updated: MailboxId[] = [];
    const onlyCounts = new Set<MailboxId>();
    for (const id of new Set([...changed, ...this.#counted, ...counted])) {
      if (!boxes.has(id) || this.#created.has(id)) continue;
      updated.push(id as MailboxId);
      if (!changed.has(id)) onlyCounts.add(id as MailboxId);
    }
    return {
      mailboxes: {
        created: [...this.#created].filter((id) => boxes.has(id)) as MailboxId[],
        updated,
        destroyed: [...this.#destroyed].filter((id) => !this.#created.has(id)) as MailboxId[],
      },
      onlyCounts,
    };
  }

  #changedNow(): ReadonlySet<string> {
    const changed = new Set(this.#changed);
    // After a second renaming nobody knows any more which paths the first one meant: all may be of it.
    const unclear = this.#moved.length > 1 || (this.#moved.length > 0 && this.#subscribed.length > 0);
    for (const [path, id] of this.#now.paths) {
      const moved = this.#moved.some((to) => path === to || path.startsWith(`${to}/`));
      if (unclear || moved || this.#subscribed.includes(path)) changed.add(id);
    }
    return changed;
  }
}

/** A new mailbox is empty and has given no uid; or it was made to take the messages of another. */
function isNew(entry: Entry, id: string): boolean {
  if (entry.ops.some((op) => op.o === 'take' && op.to === id)) return true;
  return entry.after.some((totals) => totals.id === id && totals.un === 1 && totals.ex === 0);
}
