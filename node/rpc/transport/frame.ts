/** The beginning of a WebSocket frame (RFC 6455, 5.2), for messages whose end is shared by many clients. */

/** The last and only frame of a text message. */
const WHOLE_TEXT = 0x81;
const [LENGTH_IN_TWO_BYTES, LENGTH_IN_EIGHT_BYTES] = [126, 127];
const [MOST_IN_ONE_BYTE, MOST_IN_TWO_BYTES] = [125, 65_535];
const TWO_POW_32 = 2 ** 32;

/** Frame header and `head` in one piece; `rest` bytes of the message follow it. A server masks nothing. */
export function frameStart(head: Buffer, rest: number): Buffer {
  const length = head.length + rest;
  const size = length <= MOST_IN_ONE_BYTE ? 2 : length <= MOST_IN_TWO_BYTES ? 4 : 10;
  const out = Buffer.allocUnsafe(size + head.length);
  out[0] = WHOLE_TEXT;
  if (size === 2) {
    out[1] = length;
  } else if (size === 4) {
    out[1] = LENGTH_IN_TWO_BYTES;
    out.writeUInt16BE(length, 2);
  } else {
    out[1] = LENGTH_IN_EIGHT_BYTES;
    out.writeUInt32BE(Math.floor(length / TWO_POW_32), 2);
    out.writeUInt32BE(length % TWO_POW_32, 6);
  }
  head.copy(out, size);
  return out;
}
