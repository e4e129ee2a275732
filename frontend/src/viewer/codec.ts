/** Pixels of a block as the server codes them, after the browser has inflated it. */

const MOVED_UP = 128;

/** Writes the int16 pixels of an inflated block. Throws for a codec it does not know and for a wrong length. */
export function decodeBlock(codec: string, inflated: ArrayBuffer, into: Int16Array): void {
  const decode = DECODERS[codec];
  if (!decode) throw new RangeError(`pixels are coded as ${codec}, which this page is too old to read`);
  if (inflated.byteLength !== into.byteLength) {
    throw new RangeError(`a block needs ${into.byteLength} bytes, got ${inflated.byteLength}`);
  }
  decode(inflated, into);
}

const DECODERS: Record<string, (inflated: ArrayBuffer, into: Int16Array) => void> = {
  /** Little-endian int16, as every browser keeps them. */
  gzip: (inflated, into) => into.set(new Int16Array(inflated)),
  'delta-planes-gzip': undoDifferences,
};

/** All low bytes, then all high bytes, of the differences from the pixel before, modulo 2^16 and moved up by 128. */
function undoDifferences(inflated: ArrayBuffer, into: Int16Array): void {
  const count = into.length;
  const low = new Uint8Array(inflated, 0, count);
  const high = new Uint8Array(inflated, count);
  let value = 0;
  for (let i = 0; i < count; i += 1) {
    value = (value + ((low[i] as number) | ((high[i] as number) << 8)) - MOVED_UP) | 0;
    into[i] = value; // which keeps the lowest 16 bits
  }
}
