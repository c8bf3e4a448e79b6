/**
 * Where the rows of a list stand, when all are of one height and some have a heading above them. Arithmetic only, so that
 * the scroll bar of a hundred thousand rows is true and nothing is measured.
 */
export interface Heading<L> {
  /** Of the row it stands above. */
  readonly index: number;
  readonly label: L;
}

export interface ListLayout<L> {
  readonly height: number;
  readonly headings: readonly Heading<L>[];
  /** Of the row itself, below its heading. */
  topOf(index: number): number;
  /** The row at a height, or the one under the heading there. */
  indexAt(y: number): number;
}

export function layoutList<L>(
  count: number,
  rowHeight: number,
  headings: readonly Heading<L>[],
  headingHeight: number,
): ListLayout<L> {
  const above = (index: number): number => {
    let number = 0;
    while (number < headings.length && (headings[number]?.index ?? 0) <= index) number++;
    return number;
  };
  const topOf = (index: number): number => index * rowHeight + above(index) * headingHeight;
  return {
    height: count * rowHeight + headings.length * headingHeight,
    headings,
    topOf,
    indexAt(y) {
      let shift = 0;
      for (const heading of headings) {
        const top = heading.index * rowHeight + shift;
        if (y < top) break;
        if (y < top + headingHeight) return heading.index;
        shift += headingHeight;
      }
      return Math.max(0, Math.min(count - 1, Math.floor((y - shift) / rowHeight)));
    },
  };
}

/** Headings of the rows known without a gap from the top; below the first gap nobody knows where the next one stands. */
export function findHeadings<L>(
  count: number,
  labelAt: (index: number) => L | undefined,
  last: L,
): readonly Heading<L>[] {
  const headings: Heading<L>[] = [];
  for (let index = 0; index < count; index++) {
    const label = labelAt(index);
    if (label === undefined) break;
    if (headings.at(-1)?.label !== label) headings.push({ index, label });
    if (label === last) break; // everything below is the same
  }
  return headings;
}
