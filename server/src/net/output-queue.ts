/**
 * What a session wrote and the socket was not given yet. Strings (Latin-1) written one after another become one string, small
 * buffers become one buffer: a thousand pipelined replies are one write of one piece, and large buffers go as they are.
 */
export type OutputPart = string | Uint8Array;

/** Buffers below this are copied together: an entry of a gathered write costs more than a copy of so little. */
const smallBytes = 2048;

export class OutputQueue {
  /** Octets held. */
  length = 0;
  #parts: OutputPart[] = [];

  push(octets: OutputPart): void {
    if (octets.length === 0) return;
    this.length += octets.length;
    const last = this.#parts.length - 1;
    const tail = this.#parts[last];
    if (typeof octets === 'string' && typeof tail === 'string') this.#parts[last] = tail + octets;
    else this.#parts.push(octets);
  }

  /** All of it, in order, in as few pieces as is cheap. The queue is empty afterwards. */
  take(): readonly OutputPart[] {
    const parts = this.#parts;
    this.#parts = [];
    this.length = 0;
    return parts.length < 3 ? parts : gathered(parts);
  }

  clear(): void {
    this.#parts = [];
    this.length = 0;
  }
}

function gathered(parts: readonly OutputPart[]): OutputPart[] {
  const result: OutputPart[] = [];
  for (let from = 0; from < parts.length; ) {
    let to = from;
    let bytes = 0;
    while (to < parts.length && parts[to]!.length < smallBytes) bytes += parts[to++]!.length;
    if (to - from > 1) {
      const joined = Buffer.allocUnsafe(bytes);
      let at = 0;
      for (; from < to; from++) {
        const part = parts[from]!;
        if (typeof part === 'string') joined.write(part, at, 'latin1');
        else joined.set(part, at);
        at += part.length;
      }
      result.push(joined);
    } else if (to > from) result.push(parts[from++]!);
    if (from < parts.length && parts[from]!.length >= smallBytes) result.push(parts[from++]!);
  }
  return result;
}
