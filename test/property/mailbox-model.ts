/**
 * What an account is, as simply as it can be said: lists of messages with sets of flag names. The oracle of the property
 * tests of the mailstore, not a backend: one command at a time, no store, no versions.
 */
export interface ModelMessage {
  readonly uid: number;
  readonly size: number;
  /** Names in lower case. */
  flags: Set<string>;
  modseq: number;
}

export interface ModelBox {
  path: string;
  uidNext: number;
  messages: ModelMessage[];
}

export type ModelError = 'nonexistent' | 'alreadyExists' | 'hasChildren' | 'cannot' | 'invalid';
export type Answer = { readonly error: ModelError } | { readonly value: unknown };

const inbox = 'INBOX';

export class AccountModel {
  modseq = 1;
  boxes: ModelBox[];
  subscriptions: Set<string>;

  constructor(paths: readonly string[]) {
    this.boxes = paths.map((path) => ({ path, uidNext: 1, messages: [] }));
    this.subscriptions = new Set(paths);
  }

  box(path: string): ModelBox | undefined {
    return this.boxes.find((box) => box.path === path);
  }

  append(path: string, items: readonly { readonly size: number; readonly flags: readonly string[] }[]): Answer {
    const box = this.box(path);
    if (box === undefined) return { error: 'nonexistent' };
    this.modseq += 1;
    const uids = items.map(({ size, flags }) => this.#add(box, size, new Set(flags.map((flag) => flag.toLowerCase()))));
    return { value: uids };
  }

  #add(box: ModelBox, size: number, flags: Set<string>): number {
    const uid = box.uidNext++;
    box.messages.push({ uid, size, flags, modseq: this.modseq });
    return uid;
  }

  store(path: string, uids: readonly number[], mode: 'add' | 'remove' | 'replace', names: readonly string[]): Answer {
    const box = this.box(path);
    if (box === undefined) return { error: 'nonexistent' };
    const flags = names.map((name) => name.toLowerCase());
    const changed: number[] = [];
    for (const message of box.messages) {
      if (!uids.includes(message.uid)) continue;
      const next = new Set(mode === 'replace' ? [] : message.flags);
      for (const flag of flags) {
        if (mode === 'remove') next.delete(flag);
        else next.add(flag);
      }
      if (next.size === message.flags.size && [...next].every((flag) => message.flags.has(flag))) continue;
      message.flags = next;
      message.modseq = this.modseq + 1;
      changed.push(message.uid);
    }
    if (changed.length > 0) this.modseq += 1;
    return { value: changed };
  }

  expunge(path: string, uids: readonly number[] | undefined): Answer {
    const box = this.box(path);
    if (box === undefined) return { error: 'nonexistent' };
    const goes = (message: ModelMessage): boolean =>
      message.flags.has('\\deleted') && (uids === undefined || uids.includes(message.uid));
    const gone = box.messages.filter(goes).map((message) => message.uid);
    box.messages = box.messages.filter((message) => !goes(message));
    if (gone.length > 0) this.modseq += 1;
    return { value: gone };
  }

  copy(from: string, uids: readonly number[], to: string, move: boolean): Answer {
    const source = this.box(from);
    const target = this.box(to);
    if (source === undefined || target === undefined) return { error: 'nonexistent' };
    const copied = source.messages.filter((message) => uids.includes(message.uid));
    if (copied.length === 0) return { value: [[], []] };
    this.modseq += 1;
    if (move) source.messages = source.messages.filter((message) => !copied.includes(message));
    const targets = copied.map((message) => this.#add(target, message.size, new Set(message.flags)));
    return { value: [copied.map((message) => message.uid), targets] };
  }

  create(path: string): Answer {
    if (this.box(path) !== undefined) return { error: 'alreadyExists' };
    this.modseq += 1;
    this.#make(path);
    return { value: undefined };
  }

  #make(path: string): ModelBox {
    const levels = path.split('/');
    for (let depth = 1; depth < levels.length; depth++) {
      const parent = levels.slice(0, depth).join('/');
      if (this.box(parent) === undefined) this.boxes.push({ path: parent, uidNext: 1, messages: [] });
    }
    const box: ModelBox = { path, uidNext: 1, messages: [] };
    this.boxes.push(box);
    return box;
  }

  delete(path: string): Answer {
    if (this.box(path) === undefined) return { error: 'nonexistent' };
    if (path === inbox) return { error: 'cannot' };
    if (this.boxes.some((box) => box.path.startsWith(`${path}/`))) return { error: 'hasChildren' };
    this.modseq += 1;
    this.boxes = this.boxes.filter((box) => box.path !== path);
    return { value: undefined };
  }

  rename(from: string, to: string): Answer {
    const source = this.box(from);
    if (source === undefined) return { error: 'nonexistent' };
    if (this.box(to) !== undefined) return { error: 'alreadyExists' };
    if (from === inbox) {
      this.modseq += 1;
      const box = this.#make(to);
      box.uidNext = source.uidNext;
      box.messages = source.messages;
      for (const message of box.messages) message.modseq = this.modseq;
      source.messages = [];
      return { value: undefined };
    }
    if (to.startsWith(`${from}/`)) return { error: 'cannot' };
    this.modseq += 1;
    const tree = this.boxes.filter((box) => box.path === from || box.path.startsWith(`${from}/`));
    const subscribed = tree.map((box) => this.subscriptions.delete(box.path));
    const others = this.boxes.filter((box) => !tree.includes(box));
    this.boxes = others;
    const parent = to.includes('/') ? to.slice(0, to.lastIndexOf('/')) : undefined;
    if (parent !== undefined && this.box(parent) === undefined) this.#make(parent);
    for (const [i, box] of tree.entries()) {
      box.path = to + box.path.slice(from.length);
      if (subscribed[i] === true) this.subscriptions.add(box.path);
    }
    this.boxes = [...this.boxes, ...tree];
    return { value: undefined };
  }

  subscribe(path: string, on: boolean): Answer {
    if (this.subscriptions.has(path) !== on) {
      this.modseq += 1;
      if (on) this.subscriptions.add(path);
      else this.subscriptions.delete(path);
    }
    return { value: undefined };
  }
}
