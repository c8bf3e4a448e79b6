/**
 * The octets of one message while they are looked at in parts: sections of a FETCH, parts of an Email. Most messages are one
 * buffer and are only sliced; large ones are read in pieces, once for the part tree if one is needed and once for each section,
 * so that memory does not grow with them (invariant 6).
 */
import { bodyStartOf } from '../codec/mime/header-end.js';
import type { MimePart } from '../codec/mime/part.js';
import { MimeScanner } from '../codec/mime/scanner.js';
import { MailError } from '../kernel/errors.js';
import type { Account } from './account.js';
import type { MessageOctets } from './content.js';
import type { MessageRows } from './mailbox.js';

export interface OpenMessage {
  readonly size: number;
  tree(): Promise<MimePart>;
  /** Where the body begins: found without the tree in all but strange messages. */
  bodyStart(): Promise<number>;
  /** Octets of [start, end) in order. */
  pieces(start: number, end: number): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** The last tree of a large message: clients fetch those part by part. */
export interface TreeMemo {
  id: string;
  tree: MimePart | undefined;
}

export function openMessage(
  account: Account,
  view: MessageRows,
  viewIndex: number,
  octets: MessageOctets,
  memo: TreeMemo,
  signal: AbortSignal,
): OpenMessage {
  const { size, prefix, first, id } = octets;
  if (prefix.length + first.length === size) return smallMessage(size, prefix, first);
  let unread = true;
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    if (unread) {
      unread = false;
      yield prefix;
      yield first;
      yield* octets.rest();
      return;
    }
    for await (const again of account.readContents(view, [viewIndex], signal)) {
      yield again.prefix;
      yield again.first;
      yield* again.rest();
      return;
    }
    throw new MailError('unavailable', 'The message went away while it was read');
  };
  return {
    size,
    async bodyStart() {
      const head = prefix.length === 0 ? first : Buffer.concat([prefix, first]);
      return bodyStartOf(head) ?? (await this.tree()).bodyStart;
    },
    async tree() {
      if (memo.id === id && memo.tree !== undefined) return memo.tree;
      const scanner = new MimeScanner();
      for await (const piece of stream()) scanner.push(piece);
      memo.tree = scanner.end();
      memo.id = id;
      return memo.tree;
    },
    async *pieces(start, end) {
      let left = end - start;
      for await (const piece of cutOctets(stream(), start, end)) {
        left -= piece.length;
        yield piece;
      }
      if (left > 0) throw new MailError('unavailable', 'The message is shorter than it should be');
    },
  };
}

/** Octets of [start, end) of a stream, in order; no more of it is read than that. */
export async function* cutOctets(
  octets: AsyncIterable<Uint8Array>,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const piece of octets) {
    const from = Math.max(0, start - at);
    const to = Math.min(piece.length, end - at);
    if (from < to) yield from === 0 && to === piece.length ? piece : piece.subarray(from, to);
    at += piece.length;
    if (at >= end) return;
  }
}

function smallMessage(size: number, prefix: Uint8Array, first: Uint8Array): OpenMessage {
  let whole: Uint8Array | undefined = prefix.length === 0 ? first : undefined;
  const joined = (): Uint8Array => {
    whole ??= Buffer.concat([prefix, first]);
    return whole;
  };
  let tree: MimePart | undefined;
  return {
    size,
    async bodyStart() {
      return bodyStartOf(joined()) ?? (await this.tree()).bodyStart;
    },
    async tree() {
      if (tree === undefined) {
        const scanner = new MimeScanner();
        scanner.push(joined());
        tree = scanner.end();
      }
      return tree;
    },
    pieces(start, end) {
      // All of it goes out as it lies, without joining.
      if (start === 0 && end === size && whole === undefined) return [prefix, first];
      return [joined().subarray(start, end)];
    },
  };
}
