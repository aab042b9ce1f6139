/** How many messages a good height costs: n machines, nothing lost, every message counted once per receiver. */
import assert from 'node:assert/strict';
import { toHex, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import type { Effect } from '../../../node/consensus/effects.ts';
import type { Input, Mode } from '../../../node/consensus/inputs.ts';
import { INITIAL_STATE, step } from '../../../node/consensus/machine.ts';
import type { ConsensusMessage } from '../../../node/consensus/messages.ts';
import type { State } from '../../../node/consensus/state.ts';
import type { Commit } from '../../../node/consensus/types.ts';
import type { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import { blockKey } from '../../../node/consensus/votes.ts';
import { TIME, blockNamed, setOf } from './harness.ts';

const TIMEOUTS = {
  roundMs: 1_000,
  roundDeltaMs: 0,
  roundMaxMs: 1_000,
  newRoundMs: 100,
  graceMs: 50,
  resendMs: 500,
};

class Cluster {
  readonly #mode: Mode;
  readonly #paceMs: number;
  readonly #addresses: readonly Bytes[];
  readonly #sets: ValidatorSet[] = [];
  readonly #states: State[];
  readonly #commits: Commit[][];
  /** Last commit and maker of each block. */
  readonly #blocks = new Map<string, { lastCommit: Commit | undefined; proposer: Bytes }>();
  #now: (() => void)[] = [];
  /** What waits for a timer: runs when nothing else is under way. */
  #later: (() => void)[] = [];
  /** Messages by height, in the order of heights. */
  readonly sent = new Map<number, number>();

  constructor(size: number, mode: Mode, paceMs: number) {
    this.#mode = mode;
    this.#paceMs = paceMs;
    this.#sets[1] = setOf(Array.from({ length: size }, () => 10n));
    this.#addresses = this.#sets[1].validators.map(({ address }) => address);
    this.#states = this.#addresses.map(() => INITIAL_STATE);
    this.#commits = this.#addresses.map(() => []);
    this.#addresses.forEach((_, node) => this.#start(node, 1));
  }

  /** Until everybody has decided `height`. */
  run(height: number): void {
    while (this.#commits.some((commits) => commits.length < height)) {
      const next = this.#now.shift() ?? this.#later.shift();
      assert.ok(next, 'consensus stands still');
      next();
    }
  }

  #setAt(height: number): ValidatorSet {
    return (this.#sets[height] ??= this.#setAt(height - 1).advance(1));
  }

  #start(node: number, height: number): void {
    const lastCommit = this.#commits[node]!.at(-1);
    const validators = this.#setAt(height);
    const context = {
      height,
      validators,
      ownIndex: validators.indexOf(this.#addresses[node]!),
      nextProposer: this.#setAt(height + 1).proposer.address,
      ...(lastCommit && { lastCommit, lastValidators: this.#setAt(height - 1) }),
      mode: this.#mode,
      timeouts: TIMEOUTS,
      paceMs: this.#paceMs,
    };
    this.#feed(node, { type: 'start', context, records: [] });
  }

  #feed(node: number, input: Input): void {
    const { state, effects } = step(this.#states[node]!, input);
    this.#states[node] = state;
    for (const effect of effects) this.#run(node, effect);
  }

  #soon(node: number, input: Input): void {
    this.#now.push(() => this.#feed(node, input));
  }

  #run(node: number, effect: Effect): void {
    if (effect.type === 'sign') {
      const signature = sha256(utf8(`${node} ${JSON.stringify(effect.request.round)}`));
      this.#soon(node, { type: 'signed', request: effect.request, time: TIME, signature });
    } else if (effect.type === 'buildBlock') {
      const blockId = blockNamed(`block ${effect.height}`);
      const { lastCommit } = effect;
      this.#blocks.set(blockKey(blockId), { lastCommit, proposer: this.#addresses[node]! });
      this.#soon(node, { ...effect, type: 'blockBuilt', blockId });
    } else if (effect.type === 'requestBlock') {
      this.#soon(node, { ...effect, type: 'blockReceived' });
    } else if (effect.type === 'validateBlock') {
      const { proposer } = this.#blocks.get(blockKey(effect.blockId))!;
      this.#soon(node, { ...effect, type: 'blockValidated', valid: true, timely: true, proposer });
    } else if (effect.type === 'scheduleTimeout') {
      const input = { ...effect, type: 'timeout' } as const;
      const isWait = effect.kind === 'pace' || effect.kind === 'grace';
      if (isWait) this.#later.push(() => this.#feed(node, input));
    } else if (effect.type === 'commit') {
      this.#commits[node]!.push(effect.commit);
      this.#now.push(() => this.#start(node, effect.height + 1));
    } else if (effect.type === 'send') this.#send(node, effect);
  }

  #send(from: number, { to, gossip, message }: Extract<Effect, { type: 'send' }>): void {
    const names = to === 'all' || gossip ? undefined : new Set(to.map(toHex));
    this.#addresses.forEach((address, node) => {
      if (node === from || (names && !names.has(toHex(address)))) return;
      const height = this.#states[from]!.context!.height;
      this.sent.set(height, (this.sent.get(height) ?? 0) + 1);
      this.#now.push(() => this.#receive(node, message, this.#addresses[from]!));
    });
  }

  #receive(node: number, message: ConsensusMessage, from: Bytes): void {
    const lastCommit =
      message.type === 'proposal' &&
      this.#blocks.get(blockKey(message.proposal.blockId))?.lastCommit;
    if (lastCommit && lastCommit.height === this.#states[node]!.context?.height) {
      this.#feed(node, { type: 'received', message: { type: 'commit', commit: lastCommit } });
    }
    this.#feed(node, { type: 'received', message, from });
  }
}

const HEIGHTS = 12;

/** Of the heights in the middle: the first has no last commit, the last ones are under way. */
function perHeight(size: number, mode: Mode, paceMs: number): number[] {
  const cluster = new Cluster(size, mode, paceMs);
  cluster.run(HEIGHTS);
  return Array.from({ length: HEIGHTS - 4 }, (_, at) => cluster.sent.get(at + 2) ?? 0);
}

describe('messages of a good height', () => {
  for (const size of [4, 10, 31]) {
    it(`star, ${size} validators: at most 5 n`, () => {
      const most = Math.max(...perHeight(size, 'star', 0));
      assert.ok(most <= 5 * size, `${most} messages`);
    });

    it(`star with a pace, ${size} validators: at most n more, which tell the commit at once`, () => {
      const most = Math.max(...perHeight(size, 'star', 100));
      assert.ok(most <= 6 * size, `${most} messages`);
    });

    it(`clique, ${size} validators: at most 2 n² and a proposal`, () => {
      const most = Math.max(...perHeight(size, 'clique', 0));
      assert.ok(most <= 2 * size * (size - 1) + size, `${most} messages`);
    });
  }
});
