/** One machine on the bench: votes and certificates of others are made by hand, its own requests answered. */
import assert from 'node:assert/strict';
import { sha256 } from '../../../node/base/hash.ts';
import { utf8 } from '../../../node/base/bytes.ts';
import type { Effect, SignRequest, WalRecord } from '../../../node/consensus/effects.ts';
import type { HeightContext, Input, Mode } from '../../../node/consensus/inputs.ts';
import { INITIAL_STATE, step } from '../../../node/consensus/machine.ts';
import type {
  ConsensusMessage,
  Proposal,
  QuorumCertificate,
} from '../../../node/consensus/messages.ts';
import type { State } from '../../../node/consensus/state.ts';
import {
  PRECOMMIT,
  PREVOTE,
  type BlockId,
  type Commit,
  type CommitSig,
  type Vote,
  type VoteType,
} from '../../../node/consensus/types.ts';
import { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import { NIL_BLOCK_ID } from '../../../node/consensus/votes.ts';

export const TIME = { seconds: 1_700_000_000n, nanos: 0 };

export function setOf(powers: readonly bigint[]): ValidatorSet {
  return ValidatorSet.create(
    powers.map((power, index) => {
      const pubKey = sha256(utf8(`key ${index}`));
      return { pubKey, address: sha256(pubKey).slice(0, 20), power };
    }),
  );
}

export const SET = setOf([10n, 10n, 10n, 10n]);

/** Position in SET of the leader of a round. */
export const leaderIndex = (round: number, set = SET): number =>
  set.indexOf(set.leader(round).address)!;

export function blockNamed(name: string): BlockId {
  const hash = sha256(utf8(name));
  return { hash, parts: { total: 1, hash } };
}

export const A = blockNamed('A');
export const B = blockNamed('B');
export const NIL = NIL_BLOCK_ID;

export interface VoteOptions {
  readonly round?: number;
  readonly height?: number;
  readonly set?: ValidatorSet;
}

export function vote(
  type: VoteType,
  index: number,
  blockId: BlockId,
  { round = 0, height = 5, set = SET }: VoteOptions = {},
): Vote {
  const { address } = set.validators[index]!;
  const signature = sha256(utf8(`${type} ${index}`));
  return { type, height, round, blockId, time: TIME, address, index, signature };
}

export const prevoteOf = (index: number, id: BlockId, options?: VoteOptions) =>
  vote(PREVOTE, index, id, options);
export const precommitOf = (index: number, id: BlockId, options?: VoteOptions) =>
  vote(PRECOMMIT, index, id, options);

export function certificate(
  blockId: BlockId,
  round: number,
  voters: readonly number[] = [0, 1, 2],
): QuorumCertificate {
  const signatures = SET.validators.map((one, index): CommitSig => {
    if (!voters.includes(index)) {
      return { flag: 1, address: new Uint8Array(0), time: TIME, signature: new Uint8Array(0) };
    }
    return { flag: 2, address: one.address, time: TIME, signature: new Uint8Array(64) };
  });
  return { height: 5, round, blockId, signatures };
}

export interface BenchOptions {
  readonly ownIndex?: number | undefined;
  readonly mode?: Mode;
  readonly set?: ValidatorSet;
  readonly records?: readonly WalRecord[];
  readonly lastCommit?: Commit;
  readonly paceMs?: number;
  readonly graceMs?: number;
  readonly height?: number;
  /** Leave sign, build, request and validate effects to the test. */
  readonly manual?: boolean;
}

export class Bench {
  state: State = INITIAL_STATE;
  /** All effects so far. */
  readonly effects: Effect[] = [];
  readonly context: HeightContext;
  readonly #manual: boolean;

  constructor(options: BenchOptions = {}) {
    const { set = SET, mode = 'clique', records = [], paceMs = 0, graceMs = 0 } = options;
    this.#manual = options.manual ?? false;
    this.context = {
      height: options.height ?? 5,
      validators: set,
      ownIndex: 'ownIndex' in options ? options.ownIndex : 0,
      nextProposer: set.advance(1).proposer.address,
      ...(options.lastCommit && { lastCommit: options.lastCommit, lastValidators: set }),
      mode,
      timeouts: {
        roundMs: 1_000,
        roundDeltaMs: 100,
        roundMaxMs: 5_000,
        newRoundMs: 200,
        graceMs,
        resendMs: 300,
      },
      paceMs,
    };
    this.feed({ type: 'start', context: this.context, records });
  }

  /** Feeds an input and answers what the machine asks for; returns the rejection, if any. */
  feed(input: Input): string | undefined {
    const { state, effects, rejected } = step(this.state, input);
    this.state = state;
    this.effects.push(...effects);
    if (!this.#manual) for (const effect of effects) this.#answer(effect);
    return rejected;
  }

  /** The verdict on a block; by default good, and made by the leader of the round at hand. */
  validate(
    blockId: BlockId,
    verdict: { valid?: boolean; timely?: boolean; proposer?: Uint8Array } = {},
  ): string | undefined {
    const { round, rounds } = this.state;
    const proposer = rounds.get(round)?.leader ?? new Uint8Array(20);
    const fields = { valid: true, timely: true, proposer, ...verdict };
    return this.feed({ type: 'blockValidated', height: this.height, blockId, ...fields });
  }

  get height(): number {
    return this.state.context?.height ?? this.context.height;
  }

  receive(message: ConsensusMessage, from?: Uint8Array): string | undefined {
    return this.feed({ type: 'received', message, ...(from && { from }) });
  }

  receiveVotes(...votes: readonly Vote[]): void {
    for (const one of votes) this.receive({ type: 'vote', vote: one });
  }

  propose(blockId: BlockId, round = 0, justify?: QuorumCertificate): string | undefined {
    const proposal: Proposal = {
      height: 5,
      round,
      polRound: justify?.round ?? -1,
      blockId,
      time: TIME,
      signature: new Uint8Array(64),
    };
    return this.receive({ type: 'proposal', proposal, ...(justify && { justify }) });
  }

  timer(kind: 'round' | 'newRound' | 'pace' | 'grace' | 'resend', round = this.state.round) {
    return this.feed({ type: 'timeout', kind, height: 5, round });
  }

  of<K extends Effect['type']>(type: K): Extract<Effect, { type: K }>[] {
    return this.effects.filter((one): one is Extract<Effect, { type: K }> => one.type === type);
  }

  requests(): SignRequest[] {
    return this.of('sign').map(({ request }) => request);
  }

  /** Own votes asked for: "prevote 0 A", "precommit 1 nil", ... */
  votes(names: Readonly<Record<string, BlockId>> = { A, B }): string[] {
    return this.requests().flatMap((request) => {
      if (request.type !== 'vote') return [];
      const name = Object.keys(names).find((key) => names[key] === request.blockId) ?? 'nil';
      return [`${request.voteType === PREVOTE ? 'prevote' : 'precommit'} ${request.round} ${name}`];
    });
  }

  sent<K extends ConsensusMessage['type']>(type: K): Extract<ConsensusMessage, { type: K }>[] {
    return this.of('send')
      .map(({ message }) => message)
      .filter((one): one is Extract<ConsensusMessage, { type: K }> => one.type === type);
  }

  #answer(effect: Effect): void {
    if (effect.type === 'sign') {
      const { request } = effect;
      this.feed({ type: 'signed', request, time: TIME, signature: new Uint8Array(64) });
    } else if (effect.type === 'requestBlock') {
      this.feed({ ...effect, type: 'blockReceived' });
    } else if (effect.type === 'validateBlock') {
      const { blockId } = effect;
      this.validate(blockId);
    } else if (effect.type === 'buildBlock') {
      const { height, round } = effect;
      this.feed({ type: 'blockBuilt', height, round, blockId: blockNamed(`own ${round}`) });
    }
  }
}

/** Positions of the other validators than `own`, leaders of rounds 0 and 1 last. */
export function othersThan(own: number): number[] {
  return [0, 1, 2, 3].filter((index) => index !== own);
}

/** A position that leads neither round 0 nor round 1. */
export const FOLLOWER = [0, 1, 2, 3].find(
  (index) => index !== leaderIndex(0) && index !== leaderIndex(1) && index !== leaderIndex(2),
)!;

/** The others, as seen by FOLLOWER. */
export const [P, Q, R] = othersThan(FOLLOWER) as [number, number, number];
export const follower = (options: object = {}) => new Bench({ ownIndex: FOLLOWER, ...options });

/** A proposal of A, three prevotes: certificate, precommit. */
export function lockedOnA(): Bench {
  const bench = follower();
  bench.propose(A);
  bench.receiveVotes(prevoteOf(P, A), prevoteOf(Q, A));
  assert.deepEqual(bench.votes(), ['prevote 0 A', 'precommit 0 A']);
  return bench;
}

/** Three nil precommits of others end `round`. */
export function endRound(bench: Bench, round: number): void {
  bench.receiveVotes(...[P, Q, R].map((index) => precommitOf(index, NIL, { round })));
  assert.equal(bench.state.round, round + 1);
}
