/** Search by brute force over the model's messages: the oracle's way, only as rich as the protocol tests need. */
import { systemFlags } from '@vaguemestre/server/mailstore/flags';
import type { MailboxView } from '@vaguemestre/server/mailstore/mailbox';
import type { SearchQuery } from '@vaguemestre/server/mailstore/search-query';

export async function memorySearch(
  view: MailboxView,
  query: SearchQuery,
  keywords: readonly string[],
  octetsAt: (index: number) => Buffer,
): Promise<Uint32Array> {
  await view.load(['size', 'date']);
  const inRanges = (ranges: readonly (readonly [number, number])[], n: number): boolean =>
    ranges.some(([low, high]) => n >= low && n <= high);
  const hasFlag = (index: number, flag: string): boolean => {
    const folded = flag.toLowerCase();
    let bit = systemFlags.findIndex((name) => name.toLowerCase() === folded);
    if (bit < 0) {
      const keyword = keywords.findIndex((name) => name.toLowerCase() === folded);
      if (keyword < 0) return false;
      bit = 5 + keyword;
    }
    return ((view.flagsAt(index)[(bit >> 5) as 0] >>> (bit & 31)) & 1) === 1;
  };
  const compareDay = (seconds: number, is: 'before' | 'on' | 'since', day: number): boolean => {
    const own = Math.floor(seconds / 86_400);
    return is === 'before' ? own < day : is === 'on' ? own === day : own >= day;
  };
  const includes = (octets: Buffer, value: string): boolean =>
    octets.toString('utf8').toLowerCase().includes(value.toLowerCase());
  const headerOf = (octets: Buffer): Buffer => {
    const end = octets.indexOf('\r\n\r\n');
    return end < 0 ? octets : octets.subarray(0, end + 2);
  };
  const fieldMatches = (octets: Buffer, field: string, value: string): boolean =>
    headerOf(octets)
      .toString('utf8')
      .split(/\r\n(?![ \t])/)
      .some((line) => {
        const colon = line.indexOf(':');
        return (
          line.slice(0, colon).toLowerCase() === field.toLowerCase() &&
          line
            .slice(colon + 1)
            .toLowerCase()
            .includes(value.toLowerCase())
        );
      });
  const matches = (index: number, node: SearchQuery): boolean => {
    switch (node.kind) {
      case 'all':
        return true;
      case 'and':
        return node.of.every((each) => matches(index, each));
      case 'or':
        return node.of.some((each) => matches(index, each));
      case 'not':
        return !matches(index, node.of);
      case 'flag':
        return hasFlag(index, node.flag) === node.set;
      case 'uid':
        return inRanges(node.ranges, view.uid[index]!);
      case 'sequence':
        return inRanges(node.ranges, index + 1);
      case 'larger':
        return view.sizeAt(index) > node.bytes;
      case 'smaller':
        return view.sizeAt(index) < node.bytes;
      case 'internalDate':
        return compareDay(view.dateAt(index), node.is, node.day);
      case 'sentDate': {
        const date = /^date: (.*)$/im.exec(headerOf(octetsAt(index)).toString('latin1'));
        const seconds = date === null ? Number.NaN : Date.parse(date[1]!) / 1000;
        return Number.isNaN(seconds) ? false : compareDay(seconds, node.is, node.day);
      }
      case 'older':
        return view.dateAt(index) <= Date.now() / 1000 - node.seconds;
      case 'younger':
        return view.dateAt(index) > Date.now() / 1000 - node.seconds;
      case 'header':
        return fieldMatches(octetsAt(index), node.field, node.value);
      case 'text':
        return includes(octetsAt(index), node.value);
      case 'body':
        return includes(octetsAt(index).subarray(headerOf(octetsAt(index)).length), node.value);
      case 'modseq':
        return view.modseq[index]! >= node.since;
      case 'shown':
      case 'rows':
        throw new TypeError('asked of emails only');
      default:
        return node satisfies never;
    }
  };
  const found: number[] = [];
  for (let index = 0; index < view.count; index++) if (matches(index, query)) found.push(index);
  return Uint32Array.from(found);
}
