/** One machine of a scenario, with a driver that answers at once and loses nothing. */
import type { Bytes } from '../../../node/base/bytes.ts';
import type {
  Effect,
  SendEffect,
  TimeoutKind,
  WalRecord,
} from '../../../node/consensus/effects.ts';
import type { HeightContext, Input } from '../../../node/consensus/inputs.ts';
import { INITIAL_STATE, step } from '../../../node/consensus/machine.ts';
import type { ConsensusMessage } from '../../../node/consensus/messages.ts';
import type { State } from '../../../node/consensus/state.ts';
import type { BlockId, Commit } from '../../../node/consensus/types.ts';
import { blockKey } from '../../../node/consensus/votes.ts';
import { nameHash } from './cast.ts';
import { Broken, type Checks } from './checks.ts';

export const HEIGHT = 1;
const TIME = { seconds: 1_700_000_000n, nanos: 0 };
/** Signatures are not checked here: no process forges any. */
const SIGNATURE: Bytes = new Uint8Array(64);

export const TIMEOUTS = {
  roundMs: 100,
  roundDeltaMs: 0,
  roundMaxMs: 100,
  newRoundMs: 10,
  graceMs: 0,
  resendMs: 100,
};

/** What an actor needs of the stage it stands on. */
export interface Stage {
  readonly checks: Checks;
  send(from: Actor, effect: Pick<SendEffect, 'to' | 'gossip' | 'message'>): void;
  /** Whose block it is: the address in its header. */
  readonly proposers: Map<string, Bytes>;
  /** Answers of the driver, in order with everything else. */
  answer(actor: Actor, input: Input): void;
}

export class Actor {
  readonly process: number;
  readonly address: Bytes;
  readonly #stage: Stage;
  readonly #context: HeightContext;
  state: State = INITIAL_STATE;
  readonly blocks = new Set<string>();
  /** Blocks asked for and not here yet. */
  readonly wanted = new Map<string, BlockId>();
  readonly #records: WalRecord[] = [];
  /** By kind: the round in which it is due. */
  readonly #timers = new Map<TimeoutKind, number>();
  #commit: Commit | undefined;

  constructor(stage: Stage, process: number, context: HeightContext) {
    this.#stage = stage;
    this.process = process;
    this.#context = context;
    this.address = context.validators.validators[context.ownIndex!]!.address;
  }

  start(): void {
    this.feed({ type: 'start', context: this.#context, records: [] });
  }

  get isDecided(): boolean {
    return this.#commit !== undefined;
  }

  feed(input: Input): void {
    const { state, effects } = step(this.state, input);
    this.state = state;
    for (const effect of effects) this.#run(effect);
    this.#stage.checks.onState(this.process, state);
  }

  /** Lets a timer of the current round run out; false when there is none. */
  fire(kind: TimeoutKind): boolean {
    const { phase, round } = this.state;
    if (phase !== 'running' || this.#timers.get(kind) !== round) return false;
    this.#timers.delete(kind);
    this.feed({ type: 'timeout', kind, height: HEIGHT, round });
    return true;
  }

  #run(effect: Effect): void {
    const stage = this.#stage;
    const height = HEIGHT;
    switch (effect.type) {
      case 'persist':
        return void this.#records.push(effect.record);
      case 'sign': {
        const { request } = effect;
        stage.checks.onSign(this.process, request, { state: this.state, records: this.#records });
        return stage.answer(this, { type: 'signed', request, time: TIME, signature: SIGNATURE });
      }
      case 'send':
        return stage.send(this, effect);
      case 'scheduleTimeout':
        return void this.#timers.set(effect.kind, effect.round);
      case 'buildBlock': {
        const hash = nameHash(`block of ${this.process} in ${effect.round}`);
        const blockId = { hash, parts: { total: 1, hash } };
        this.blocks.add(blockKey(blockId));
        stage.proposers.set(blockKey(blockId), this.address);
        return stage.answer(this, { type: 'blockBuilt', height, round: effect.round, blockId });
      }
      case 'validateBlock': {
        const { blockId } = effect;
        const proposer = stage.proposers.get(blockKey(blockId))!;
        const verdict = { height, blockId, valid: true, timely: true, proposer } as const;
        return stage.answer(this, { type: 'blockValidated', ...verdict });
      }
      case 'requestBlock':
        this.wanted.set(blockKey(effect.blockId), effect.blockId);
        return this.lookForBlocks();
      case 'commit':
        this.#commit = effect.commit;
        return stage.checks.onCommit(this.process, effect);
      case 'evidence':
        return stage.checks.onEvidence(effect);
      case 'sendCommit': {
        if (this.#commit === undefined) return undefined;
        const message: ConsensusMessage = { type: 'commit', commit: this.#commit };
        return stage.send(this, { to: [effect.to], gossip: false, message });
      }
      case 'behind':
        return undefined;
      case 'halt':
        throw new Broken('nobody halts', `process ${this.process}: ${effect.reason}`);
    }
  }

  /** Whether wanted blocks have come by now, from `other` or with a proposal. */
  lookForBlocks(other: ReadonlySet<string> = this.blocks): void {
    for (const [key, blockId] of this.wanted) {
      if (!this.blocks.has(key) && !other.has(key)) continue;
      this.blocks.add(key);
      this.wanted.delete(key);
      this.#stage.answer(this, { type: 'blockReceived', height: HEIGHT, blockId });
    }
  }
}
