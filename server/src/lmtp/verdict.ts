/**
 * The relay's word on a message: the header field `X-Vaguemestre-Verdict: clean|spam|suspect; score=...; id=...`. It is looked
 * for in the header as it streams in, before the first octet is stored, because it decides the mailbox.
 */

export type Verdict = 'clean' | 'spam' | 'suspect';

const fieldName = 'x-vaguemestre-verdict:';

/** Of the first field of that name in a header; undefined if there is none or it says something else. */
export function findVerdict(head: Buffer): Verdict | undefined {
  for (let from = 0; from < head.length; ) {
    const lf = head.indexOf(10, from);
    const end = lf < 0 ? head.length : lf;
    if (end === from || (end === from + 1 && head[from] === 13)) return undefined;
    if (head.toString('latin1', from, Math.min(end, from + fieldName.length)).toLowerCase() === fieldName) {
      const value = head.toString('latin1', from + fieldName.length, Math.min(end, from + 200));
      const word = value.split(';', 1)[0]!.trim().toLowerCase();
      return word === 'clean' || word === 'spam' || word === 'suspect' ? word : undefined;
    }
    from = end + 1;
  }
  return undefined;
}
