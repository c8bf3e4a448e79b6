/** A typed array with room for `length` values: itself, or a copy half as large again. New values are `fill`. */
export function grown<T extends Uint32Array | Int32Array>(array: T, length: number, fill = 0): T {
  if (length <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => T)(Math.max(16, length, (array.length * 3) >>> 1));
  larger.set(array);
  if (fill !== 0) larger.fill(fill, array.length);
  return larger;
}
