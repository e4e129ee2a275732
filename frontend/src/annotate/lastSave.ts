/** The save that is sent while the page goes away: nothing can be waited for, so that it is packed at once. */
import { csrfToken } from '../api';
import { packBundle } from './bmm';
import { saveHeaders } from './masks';
import type { Payload } from './saveStates';

/** Browsers send up to 64 KiB for a page that is gone, of all its requests together. */
const MOST_BYTES = 60_000;
const BLOCK_BYTES = 65_535;

/** Send a payload that outlives the page. Returns false when it is too large; then only the draft remains. */
export function saveWhileLeaving(taskId: number, payload: Payload): boolean {
  const body = storedGzip(packBundle(payload.slices));
  if (body.length > MOST_BYTES) return false;
  const headers = { ...saveHeaders(payload), 'X-CSRFToken': csrfToken() };
  void fetch(`/api/tasks/${taskId}/mask`, { method: 'PATCH', body, headers, keepalive: true }).catch(
    () => null,
  );
  return true;
}

/** Bytes in a gzip stream (RFC 1952) of stored blocks: not made smaller, but made without waiting. */
export function storedGzip(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks = Math.max(1, Math.ceil(bytes.length / BLOCK_BYTES));
  const out = new Uint8Array(10 + blocks * 5 + bytes.length + 8);
  const view = new DataView(out.buffer);
  out.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  let at = 10;
  for (let n = 0; n < blocks; n += 1) {
    const block = bytes.subarray(n * BLOCK_BYTES, (n + 1) * BLOCK_BYTES);
    out[at] = n === blocks - 1 ? 1 : 0;
    view.setUint16(at + 1, block.length, true);
    view.setUint16(at + 3, ~block.length & 0xffff, true);
    out.set(block, at + 5);
    at += 5 + block.length;
  }
  view.setUint32(at, crc32(bytes), true);
  view.setUint32(at + 4, bytes.length, true);
  return out;
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
