/**
 * Sequence sets (RFC 9051 9, `sequence-set`): sets of sequence numbers or of UIDs. Held as ranges from the first octet to the
 * last: `1:4294967295` costs one pair, whatever it names.
 */
import { maxSetElements } from '../../kernel/limits.js';
import type { CommandReader } from './reader.js';
import { ImapSyntaxError } from './syntax-error.js';

/** Inclusive. In a set as written 0 stands for `*` and the two ends may come in either order. */
export type Range = readonly [number, number];

/** Ascending, disjoint, not adjacent, without `*`. */
export type Ranges = readonly Range[];

export type SequenceSet =
  /** `$`: the result that SEARCH RETURN (SAVE) kept (RFC 9051 6.4.4.1). */
  { readonly kind: 'saved' } | { readonly kind: 'written'; readonly ranges: readonly Range[] };

export const star = 0;

/** sequence-set. */
export function parseSequenceSet(reader: CommandReader): SequenceSet {
  if (reader.octet(0x24)) return { kind: 'saved' };
  return { kind: 'written', ranges: parseRanges(reader, true) };
}

/** A set of plain numbers, as QRESYNC's known-uids: neither `*` nor `$` (RFC 7162 7). */
export function parseKnownSet(reader: CommandReader): Ranges {
  return joinRanges(parseRanges(reader, false).map(([a, b]) => (a <= b ? [a, b] : [b, a])));
}

function parseRanges(reader: CommandReader, withStar: boolean): Range[] {
  const ranges: Range[] = [];
  do {
    if (ranges.length === maxSetElements) {
      throw new ImapSyntaxError(`A set has at most ${maxSetElements} elements`, { code: 'LIMIT' });
    }
    const from = parseNumber(reader, withStar);
    ranges.push([from, reader.octet(0x3a) ? parseNumber(reader, withStar) : from]);
  } while (reader.octet(0x2c));
  return ranges;
}

function parseNumber(reader: CommandReader, withStar: boolean): number {
  if (withStar && reader.octet(0x2a)) return star;
  return reader.expectPositive(withStar ? "a message number or '*'" : 'a number');
}

/** Sorts and joins what overlaps or touches. `ranges` hold no `*`, low end first. */
export function joinRanges(ranges: readonly Range[]): Ranges {
  if (ranges.length < 2) return ranges;
  const sorted = isAscending(ranges) ? ranges : [...ranges].sort((a, b) => a[0] - b[0]);
  const joined: Range[] = [];
  let [low, high] = sorted[0]!;
  for (let i = 1; i < sorted.length; i++) {
    const [nextLow, nextHigh] = sorted[i]!;
    if (nextLow <= high + 1) {
      if (nextHigh > high) high = nextHigh;
    } else {
      joined.push([low, high]);
      low = nextLow;
      high = nextHigh;
    }
  }
  joined.push([low, high]);
  return joined;
}

function isAscending(ranges: readonly Range[]): boolean {
  for (let i = 1; i < ranges.length; i++) if (ranges[i]![0] < ranges[i - 1]![0]) return false;
  return true;
}

/** Puts `last` in place of `*` (the last message's number, or its UID) and the ends in order. With no message, `*` names nothing. */
function withoutStar(ranges: readonly Range[], last: number): Range[] {
  const result: Range[] = [];
  for (const [a, b] of ranges) {
    if (last === 0 && (a === star || b === star)) continue;
    const low = a === star ? last : a;
    const high = b === star ? last : b;
    // RFC 9051 9: "3291:* includes the UID of the last message, even if that value is less than 3291".
    result.push(low <= high ? [low, high] : [high, low]);
  }
  return result;
}

/** A set of UIDs, `lastUid` being the highest in the mailbox (0 if it is empty). UIDs that are not there are no error. */
export function resolveUids(ranges: readonly Range[], lastUid: number): Ranges {
  return joinRanges(withoutStar(ranges, lastUid));
}

/** A set of sequence numbers; those past `count` are left out, as SEARCH takes them. */
export function resolveSequences(ranges: readonly Range[], count: number): Ranges {
  const inside: Range[] = [];
  for (const [low, high] of withoutStar(ranges, count)) {
    if (low <= count) inside.push([low, high < count ? high : count]);
  }
  return joinRanges(inside);
}

/**
 * A set of sequence numbers of FETCH, STORE, COPY, MOVE. RFC 9051 9, `seq-number`: a number past the last message is
 * answered with BAD, and so is `*` in an empty mailbox.
 */
export function requireSequences(ranges: readonly Range[], count: number): Ranges {
  for (const [a, b] of ranges) {
    if (a > count || b > count || (count === 0 && (a === star || b === star))) {
      throw new ImapSyntaxError(
        count === 0 ? 'The mailbox is empty' : `Message number out of range: the mailbox has ${count} messages`,
      );
    }
  }
  return joinRanges(withoutStar(ranges, count));
}

/** Ranges of an ascending list of numbers. */
export function rangesOf(numbers: ArrayLike<number>): Ranges {
  const ranges: Range[] = [];
  const length = numbers.length;
  for (let i = 0; i < length; ) {
    const low = numbers[i]!;
    let high = low;
    for (i++; i < length && numbers[i]! === high + 1; i++) high++;
    ranges.push([low, high]);
  }
  return ranges;
}

/** `1:3,5`. Ranges of one element are written as one number. Empty for no ranges: the caller must not send that as a set. */
export function formatRanges(ranges: Ranges): string {
  const parts: string[] = [];
  for (const [low, high] of ranges) parts.push(low === high ? `${low}` : `${low}:${high}`);
  return parts.join(',');
}

/** An ascending list as a set, shortest form. */
export function formatSet(numbers: ArrayLike<number>): string {
  return formatRanges(rangesOf(numbers));
}
