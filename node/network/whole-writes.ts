/**
 * Noise hands a connection the length of each frame and the frame as two pieces, and the connection writes piece by
 * piece: two system calls and, as nothing may wait for more, two packets for every message.
 */
import type { MultiaddrConnection } from '@libp2p/interface';

/** What is handed to the connection at once is written at once from now on. */
export function writeWhole(connection: Pick<MultiaddrConnection, 'send'>): void {
  const send = connection.send.bind(connection);
  connection.send = (data) => send(data instanceof Uint8Array ? data : data.subarray());
}
