/** A processor profile of a node while it runs, and what each of its threads has used. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { pause } from './local-network.ts';
import { ticksOf, ticksPerSecond } from './processes.ts';

const LISTENING = /Debugger listening on (ws:\S+)/;
const OPEN_TIMEOUT_MS = 10_000;
const POLL_MS = 20;
const SAMPLE_MICROS = 500;

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Opens the inspector of the node at `pid`, which writes its address into `logFile`. */
export class Profiler {
  readonly #socket: WebSocket;
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async start(pid: number, logFile: string): Promise<Profiler> {
    process.kill(pid, 'SIGUSR1');
    const socket = new WebSocket(await inspectorOf(logFile), { perMessageDeflate: false });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const profiler = new Profiler(socket);
    await profiler.#ask('Profiler.enable');
    await profiler.#ask('Profiler.setSamplingInterval', { interval: SAMPLE_MICROS });
    await profiler.#ask('Profiler.start');
    return profiler;
  }

  async stop(): Promise<CpuProfile> {
    const { profile } = (await this.#ask('Profiler.stop')) as { profile: CpuProfile };
    this.#socket.close();
    return profile;
  }

  #ask(method: string, params: object = {}): Promise<unknown> {
    const id = (this.#id += 1);
    return new Promise((resolve, reject) => {
      const hear = (data: Buffer): void => {
        const answer = JSON.parse(data.toString()) as { id?: number; result?: unknown };
        if (answer.id !== id) return;
        this.#socket.off('message', hear);
        if (answer.result === undefined) reject(new Error(`the inspector refused ${method}`));
        else resolve(answer.result);
      };
      this.#socket.on('message', hear);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

async function inspectorOf(logFile: string): Promise<string> {
  const deadline = performance.now() + OPEN_TIMEOUT_MS;
  for (;;) {
    const url = LISTENING.exec(readFileSync(logFile, 'utf8'))?.[1];
    if (url !== undefined) return url;
    if (performance.now() > deadline) throw new Error('the node opened no inspector');
    await pause(POLL_MS);
  }
}

/** Processor seconds of the threads of a process, by what Node and this program call them. */
export function threadSeconds(pid: number): Map<string, number> {
  const used = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    const name = readFileSync(`${folder}/comm`, 'utf8').trim();
    const before = used.get(name) ?? 0;
    used.set(name, before + ticksOf(`${folder}/stat`) / ticksPerSecond());
  }
  return used;
}
