/**
 * Runs the consensus machine: one input at a time, its effects in order, everything strictly one after the
 * other. Own inputs (timeouts, signatures, built blocks) go before messages of peers.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { toHex, type Bytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import type { Counter } from '../base/service.ts';
import { MAX_ANSWERED_MESSAGES, MAX_RELAYED_MESSAGES } from '../base/limits.ts';
import type { Input } from '../consensus/inputs.ts';
import { step } from '../consensus/machine.ts';
import { INITIAL_STATE, type State } from '../consensus/state.ts';
import { BlockPool, type HeldBlock } from './block-pool.ts';
import type { DriverDeps } from './driver-deps.ts';
import { prepareHeight } from './height.ts';
import { MessageQueue } from './message-queue.ts';
import { commitInside, passOn, prepareToReceive, receive, type Receiver } from './receive.ts';
import { Paced, RecentSet } from './recent-set.ts';
import { runEffect } from './run-effect.ts';
import { Timers } from './timers.ts';

/** Other parts of the node get a turn after this long. */
const SLICE_MS = 8;

/** The same old message is answered again only after this long: replays must not make us a flood. */
const ANSWER_EVERY_MS = 200;

const DROPPED = [
  'bitscale_consensus_dropped_messages_total',
  'Messages of peers dropped because too many waited',
] as const;

/** What a peer's message may cause besides a change of the machine. */
interface Reactions {
  readonly onNews: () => void;
  readonly mayAnswer: () => boolean;
}

interface Task {
  readonly run: () => Promise<void>;
  readonly refuse: (error: Error) => void;
}

export class Driver {
  readonly #parts: Receiver;
  readonly #onFatal: (error: unknown) => void;
  readonly #inputs: Input[] = [];
  readonly #tasks: Task[] = [];
  readonly #messages = new MessageQueue();
  readonly #answered = new Paced(MAX_ANSWERED_MESSAGES, ANSWER_EVERY_MS);
  #state: State = INITIAL_STATE;
  #speculative: HeldBlock | undefined;
  #paused = true;
  readonly #dropped: Counter;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(deps: DriverDeps, onFatal: (error: unknown) => void) {
    this.#onFatal = onFatal;
    this.#dropped = deps.metrics.counter(...DROPPED);
    this.#parts = {
      ...deps,
      pool: new BlockPool(),
      timers: new Timers(),
      relayed: new RecentSet(MAX_RELAYED_MESSAGES),
      stopped: this.#stop.signal,
      round: () => this.#state.round,
      lastCommit: () => this.#state.last?.commit,
      feed: (input) => this.#feed(input),
      speculate: (block) => (this.#speculative = block),
    };
  }

  get state(): State {
    return this.#state;
  }

  get pool(): BlockPool {
    return this.#parts.pool;
  }

  get #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** A consensus payload of a peer; dropped when too many wait. */
  receive(peerId: string, payload: Bytes): void {
    if (this.#isStopped || this.#paused) return;
    if (this.#messages.push({ peerId, payload }, this.#isTrusted(peerId))) this.#wake();
    else this.#dropped.add();
  }

  /** Anybody can prove to have some key; it must be one of the set. Or the operator named the peer. */
  #isTrusted(peerId: string): boolean {
    if (this.#parts.network.isConfigured?.(peerId) === true) return true;
    const address = this.#parts.network.validatorOf(peerId);
    const { validators } = this.#parts.committer.state();
    return address !== undefined && validators.indexOf(address) !== undefined;
  }

  /** Begins or takes up the height after the newest block. */
  resume(): Promise<void> {
    return this.task(async () => {
      if (!this.#paused) return;
      this.#paused = false;
      this.#feed(await prepareHeight(this.#parts));
    });
  }

  /** Stops deciding: blocks come from sync up to `height`. */
  pause(height: number): Promise<void> {
    return this.task(async () => {
      if (this.#paused) return;
      this.#paused = true;
      this.#parts.timers.clear();
      this.#inputs.length = 0;
      this.#messages.clear();
      // Consensus may have come further than sync knew.
      const atHand = this.#state.context?.height ?? 0;
      await this.#step({ type: 'synced', height: Math.max(height, atHand) });
    });
  }

  /** Runs between two inputs, never beside one. */
  task<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = (): Promise<void> => work().then(resolve, reject);
      this.#tasks.push({ run, refuse: reject });
      if (this.#isStopped) this.#refuseTasks();
      else this.#wake();
    });
  }

  /** Finishes the input at hand and takes no more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#parts.timers.clear();
    await this.#running;
    this.#refuseTasks();
  }

  #refuseTasks(): void {
    for (const { refuse } of this.#tasks.splice(0)) refuse(new Error('the engine is stopped'));
  }

  #feed(input: Input): void {
    if (this.#isStopped) return;
    this.#inputs.push(input);
    this.#wake();
  }

  #wake(): void {
    if (this.#isStopped || this.#running !== undefined) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        this.#stop.abort();
        this.#parts.timers.clear();
        this.#refuseTasks();
        this.#onFatal(error);
      })
      .finally(() => {
        this.#running = undefined;
        // Something may have come between the last look at the queues and now.
        if (this.#inputs.length + this.#tasks.length + this.#messages.size > 0) this.#wake();
      });
  }

  async #run(): Promise<void> {
    // The caller of feed or receive goes on first.
    await Promise.resolve();
    let sliceEnd = performance.now() + SLICE_MS;
    while (!this.#isStopped && (await this.#one())) {
      if (performance.now() < sliceEnd) continue;
      await nextTurn();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }

  /** False when there is nothing to do. */
  async #one(): Promise<boolean> {
    const task = this.#tasks.shift();
    if (task !== undefined) {
      await task.run();
      return true;
    }
    const input = this.#inputs.shift();
    if (input !== undefined) await this.#step(input);
    else if (!(await this.#nextMessage())) return this.#executeAhead();
    return true;
  }

  /** With nothing else to do, executes the proposed block; its votes are on their way. */
  #executeAhead(): boolean {
    const held = this.#speculative;
    if (held === undefined) return false;
    this.#speculative = undefined;
    const { executor, committer } = this.#parts;
    executor.tryExecute(committer.state(), held.block, held.blockId);
    return true;
  }

  /** False when none waits. */
  async #nextMessage(): Promise<boolean> {
    const next = this.#messages.shift();
    if (next === undefined) return false;
    const { peerId, payload } = next;
    await prepareToReceive(this.#parts, payload);
    const received = receive(this.#parts, peerId, payload);
    if (received === undefined) return true;
    const inside = commitInside(this.#parts, received);
    if (inside !== undefined) await this.#step({ type: 'received', ...inside });
    await this.#step(
      { type: 'received', ...received },
      {
        onNews: () => passOn(this.#parts, received, peerId, payload),
        mayAnswer: () => this.#answered.mayPass(toHex(sha256(payload)), performance.now()),
      },
    );
    return true;
  }

  async #step(input: Input, message?: Reactions): Promise<void> {
    const before = this.#state;
    const result = step(before, input);
    this.#state = result.state;
    if (result.state !== before) {
      message?.onNews();
      this.#parts.onStep(before, result.state);
    } else if (message && result.effects.length > 0 && !message.mayAnswer()) return;
    if (result.rejected !== undefined) {
      assert(input.type !== 'start', `the next height does not start: ${result.rejected}`);
      this.#parts.logger.debug('input not accepted', { input: input.type, why: result.rejected });
    }
    for (const effect of result.effects) await runEffect(this.#parts, effect);
  }
}
