/** A file of a kilobyte can say that it is as large as a field, and the browser would make room for it. */
const maxSide = 16_384;
const maxPixels = 50_000_000;

export const fitsScreen = (width: number, height: number): boolean =>
  width > 0 && height > 0 && width <= maxSide && height <= maxSide && width * height <= maxPixels;

/** Millions of empty parts in one file would each cost an object here, and more in a decoder. */
export const maxParts = 20_000;
