/**
 * Label maps as run lengths, slice by slice: the form in which masks travel and are kept, as the server has it.
 *
 * A slice is runs of (value uint8, length uint16), row by row, maximal and split only at 65 535. A bundle is the magic
 * `BMM1`, uint16 count, then per slice uint16 index, uint32 length in bytes, the runs. All little-endian.
 */

const MAGIC = [0x42, 0x4d, 0x4d, 0x31] as const;
const MAX_RUN = 65_535;
const RUN_BYTES = 3;
const HEAD_BYTES = 6;

/** The bytes are not a bundle of this volume's slices. */
export class MaskFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MaskFormatError';
  }
}

/** Runs of a slice (Y·X,). */
export function encodeSlice(labels: Uint8Array): Uint8Array<ArrayBuffer> {
  let runs = new Uint8Array(1024 * RUN_BYTES);
  let used = 0;
  for (let from = 0; from < labels.length;) {
    const value = labels[from] ?? 0;
    let to = from + 1;
    while (to < labels.length && labels[to] === value && to - from < MAX_RUN) to += 1;
    if (used + RUN_BYTES > runs.length) runs = grown(runs);
    const length = to - from;
    runs[used] = value;
    runs[used + 1] = length & 0xff;
    runs[used + 2] = length >> 8;
    used += RUN_BYTES;
    from = to;
  }
  return runs.slice(0, used);
}

/** Labels (size,) of a slice. Raises MaskFormatError when the runs do not fill it exactly. */
export function decodeSlice(runs: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  if (runs.length % RUN_BYTES !== 0) {
    throw new MaskFormatError(`runs need a multiple of ${RUN_BYTES} bytes, got ${runs.length}`);
  }
  const labels = new Uint8Array(size);
  let filled = 0;
  for (let i = 0; i < runs.length; i += RUN_BYTES) {
    const length = (runs[i + 1] ?? 0) + (runs[i + 2] ?? 0) * 256;
    labels.fill(runs[i] ?? 0, filled, filled + length);
    filled += length;
  }
  if (filled !== size) throw new MaskFormatError(`runs cover ${filled} pixels, the slice has ${size}`);
  return labels;
}

/** Bundle of slices (Y·X,) by index, in rising order. */
export function packBundle(slices: ReadonlyMap<number, Uint8Array>): Uint8Array<ArrayBuffer> {
  const coded = [...slices]
    .sort(([a], [b]) => a - b)
    .map(([index, labels]) => ({ index, runs: encodeSlice(labels) }));
  const bundle = new Uint8Array(coded.reduce((sum, { runs }) => sum + HEAD_BYTES + runs.length, HEAD_BYTES));
  const view = new DataView(bundle.buffer);
  bundle.set(MAGIC);
  view.setUint16(4, coded.length, true);
  let offset = HEAD_BYTES;
  for (const { index, runs } of coded) {
    view.setUint16(offset, index, true);
    view.setUint32(offset + 2, runs.length, true);
    bundle.set(runs, offset + HEAD_BYTES);
    offset += HEAD_BYTES + runs.length;
  }
  return bundle;
}

/** Slices (size,) by index. Raises MaskFormatError for a bundle that is cut, too long or names a slice twice. */
export function unpackBundle(bundle: Uint8Array, size: number): Map<number, Uint8Array<ArrayBuffer>> {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  if (bundle.length < HEAD_BYTES || MAGIC.some((byte, i) => bundle[i] !== byte)) {
    throw new MaskFormatError('not a BMM1 bundle');
  }
  const slices = new Map<number, Uint8Array<ArrayBuffer>>();
  let offset = HEAD_BYTES;
  for (let n = view.getUint16(4, true); n > 0; n -= 1) {
    if (offset + HEAD_BYTES > bundle.length) throw new MaskFormatError('the bundle is cut short');
    const index = view.getUint16(offset, true);
    const from = offset + HEAD_BYTES;
    offset = from + view.getUint32(offset + 2, true);
    if (offset > bundle.length) throw new MaskFormatError(`slice ${index} is cut short`);
    if (slices.has(index)) throw new MaskFormatError(`slice ${index} is given twice`);
    slices.set(index, decodeSlice(bundle.subarray(from, offset), size));
  }
  if (offset !== bundle.length) throw new MaskFormatError('bytes follow the last slice of the bundle');
  return slices;
}

/** Bytes compressed as a gzip stream. */
export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function grown(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
