import assert from 'node:assert/strict';

/** Where the copies of one message lie: `mailbox` or `mailbox!` (flagged), sorted. */
export type Copies = readonly string[];

interface Line {
  /** What was acknowledged last. */
  certain: Copies;
  /** What a command under way would make of it. */
  possible: Copies | undefined;
}

const key = (copies: Copies) => [...copies].sort().join(' ');

/**
 * What clients were told of each message, so that after a crash every message must be as it was acknowledged, or as the one
 * command that was not answered would have left it: whole effect or none, nothing lost, nothing twice.
 */
export class Ledger {
  readonly #lines = new Map<string, Line>();
  /** mailbox/uid -> message: a UID never means two messages. */
  readonly #uids = new Map<string, string>();
  acknowledged = 0;
  unanswered = 0;

  copies(message: string): Copies {
    return this.#lines.get(message)?.certain ?? [];
  }

  messages(): string[] {
    return [...this.#lines].filter(([, line]) => line.certain.length > 0 && !line.possible).map(([message]) => message);
  }

  /** Runs a command that, when it is acknowledged, leaves `message` with `after`. */
  async doing(message: string, after: Copies, command: () => Promise<unknown>): Promise<void> {
    const line = this.#lines.get(message) ?? { certain: [], possible: undefined };
    line.possible = after;
    this.#lines.set(message, line);
    await command();
    line.certain = after;
    line.possible = undefined;
    this.acknowledged++;
  }

  /** Holds what is there against what was promised, and takes it for certain from now on. */
  compare(found: ReadonlyMap<string, Copies>, uids: ReadonlyMap<string, string>): void {
    for (const [message, line] of this.#lines) {
      const is = found.get(message) ?? [];
      const allowed = [line.certain, ...(line.possible ? [line.possible] : [])].map(key);
      assert.ok(allowed.includes(key(is)), `${message} is [${key(is)}], may be [${allowed.join('] or [')}]`);
      if (line.possible) this.unanswered++;
      line.certain = is;
      line.possible = undefined;
    }
    for (const message of found.keys()) assert.ok(this.#lines.has(message), `${message} was never sent`);
    for (const [place, message] of uids) {
      const before = this.#uids.get(place);
      assert.ok(before === undefined || before === message, `${place} was ${before} and is ${message}`);
      this.#uids.set(place, message);
    }
  }
}
