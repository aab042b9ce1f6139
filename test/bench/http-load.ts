/**
 * Asks an HTTP server as fast as it answers, in a process of its own that costs far less than the server:
 * sockets, requests made beforehand, and of an answer only its status and its length are read. Each
 * connection has one request open at a time; paced, it waits for its time, and latency counts from then.
 */
import { fork } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

const HEADERS_END = Buffer.from('\r\n\r\n');
const LENGTH = /\r\nContent-Length: (\d+)/i;
const OK = Buffer.from('HTTP/1.1 200');

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Whole requests, headers included; each connection goes round them from a place of its own. */
  readonly requests: readonly string[];
  /** What must stand in every answer. */
  readonly expected: string;
  /** Requests a second, all connections together; as many as are answered unless given. */
  readonly rate?: number;
}

export interface LoadResult {
  readonly answers: number;
  readonly seconds: number;
  /** Of some of the answers, milliseconds. */
  readonly latencies: readonly number[];
}

/** Runs the load in another process; rejects when an answer is not as expected. */
export function drive(load: Load): Promise<LoadResult> {
  const child = fork(fileURLToPath(import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => {
      const { result, error } = message as { result?: LoadResult; error?: string };
      child.kill();
      if (result) resolve(result);
      else reject(new Error(error));
    });
    child.once('error', reject);
    child.send(load);
  });
}

export function post(path: string, body: string): string {
  const length = Buffer.byteLength(body);
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

export function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n`;
}

const SAMPLE_EVERY = 1;

class Counter {
  answers = 0;
  isOver = false;
  readonly latencies: number[] = [];
}

/** One connection; resolves when it has its last answer. */
function lane(load: Load, first: number, counter: Counter): Promise<void> {
  const requests = load.requests.map((text) => Buffer.from(text));
  const expected = Buffer.from(load.expected);
  let at = first;
  let sentAt = 0;
  let left = Buffer.alloc(0);
  const pauseMs = load.rate === undefined ? 0 : (1000 * load.connections) / load.rate;
  let due = performance.now();
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true });
    const send = (): void => {
      at = (at + 1) % requests.length;
      sentAt = pauseMs === 0 ? performance.now() : due;
      socket.write(requests[at] as Buffer);
    };
    const next = (): void => {
      if (pauseMs === 0) return send();
      due += pauseMs;
      setTimeout(send, Math.max(0, due - performance.now()));
    };
    // Paced connections do not begin all at once.
    const offset = (pauseMs * first) / requests.length;
    socket.once('connect', () => {
      due = performance.now() + offset;
      setTimeout(send, offset);
    });
    socket.once('error', reject);
    socket.on('data', (chunk) => {
      left = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
      const end = answerEnd(left);
      if (end < 0 || left.length < end) return;
      if (
        left.length > end ||
        !left.subarray(0, OK.length).equals(OK) ||
        !left.includes(expected)
      ) {
        socket.destroy();
        reject(new Error(`unexpected answer: ${left.toString().slice(0, 500)}`));
        return;
      }
      left = Buffer.alloc(0);
      counter.answers += 1;
      if (counter.answers % SAMPLE_EVERY === 0) {
        counter.latencies.push(performance.now() - sentAt);
      }
      if (!counter.isOver) next();
      else socket.end(() => resolve());
    });
  });
}

/** Length of headers and body together; -1 while the headers are not complete. */
export function answerEnd(bytes: Buffer): number {
  const end = bytes.indexOf(HEADERS_END);
  if (end < 0) return -1;
  const length = LENGTH.exec(bytes.toString('latin1', 0, end))?.[1];
  return end + HEADERS_END.length + Number(length ?? 0);
}

async function run(load: Load): Promise<LoadResult> {
  const counter = new Counter();
  const started = performance.now();
  setTimeout(() => (counter.isOver = true), 1000 * load.seconds);
  const lanes = Array.from({ length: load.connections }, (_, i) =>
    lane(load, Math.floor((i * load.requests.length) / load.connections), counter),
  );
  await Promise.all(lanes);
  const seconds = (performance.now() - started) / 1000;
  return { answers: counter.answers, seconds, latencies: counter.latencies };
}

// Only as the process that `drive` starts is there somebody to report to.
if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once('message', (load) => {
    const report = (message: object): void => void process.send?.(message);
    run(load as Load).then(
      (result) => report({ result }),
      (error: unknown) => report({ error: String(error) }),
    );
  });
}
