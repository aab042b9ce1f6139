/** Ports for one run: a block of them below those that the system gives to outgoing connections. */
import { createServer } from 'node:net';

const FIRST = 11_000;
const LAST = 25_000;
const STRIDE = 40;
const LOOPBACK = '127.0.0.1';

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
}

/**
 * Ports that nobody uses and that no outgoing connection is given by chance while a node is down. Two runs
 * on one machine begin to look at different places.
 */
export async function reservePorts(count: number): Promise<number[]> {
  const places = Math.floor((LAST - FIRST) / STRIDE);
  for (let i = 0; i < places; i++) {
    const base = FIRST + STRIDE * ((process.pid + i) % places);
    const ports = Array.from({ length: count }, (_, n) => base + n);
    const free = await Promise.all(ports.map(isFree));
    if (!free.includes(false)) return ports;
  }
  throw new Error('no free ports');
}
