/** Comparing labels of slices four at a time, where memory allows. */

/** Whether two slices hold the same labels. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  const [x, y] = [words(a), words(b)];
  if (!x || !y) return a.every((value, i) => value === b[i]);
  for (let i = 0; i < x.length; i += 1) if (x[i] !== y[i]) return false;
  return true;
}

/** Whether a slice holds no label. */
export function isEmpty(labels: Uint8Array): boolean {
  const wide = words(labels) ?? labels;
  for (let i = 0; i < wide.length; i += 1) if (wide[i] !== 0) return false;
  return true;
}

/** The same memory in words of four labels, or null where it is not aligned. */
export function words(bytes: Uint8Array): Uint32Array | null {
  if (bytes.byteOffset % 4 !== 0 || bytes.length % 4 !== 0) return null;
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
