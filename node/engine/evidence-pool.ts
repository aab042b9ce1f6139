/**
 * Evidence of double signing: verified when it comes, kept on disk until it is in a block, checked again
 * when somebody else's block brings it.
 */
import { concat, equal, toHex, type Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import {
  MAX_EVIDENCE_PER_VALIDATOR,
  MAX_EVIDENCE_TOLD,
  MAX_PENDING_EVIDENCE,
  MAX_WAITING_CONFLICTS,
} from '../base/limits.ts';
import { timeToNanos } from '../base/time.ts';
import type { Misbehavior } from '../app/abci.ts';
import { decodeEvidence } from '../consensus/decoding.ts';
import { encodeDuplicateVoteEvidence, encodeEvidence } from '../consensus/encoding.ts';
import { makeEvidence, verifyEvidence } from '../consensus/evidence.ts';
import type { DuplicateVoteEvidence, Vote } from '../consensus/types.ts';
import type { DbOp } from '../store/db.ts';
import { COMMITTED_EVIDENCE_PREFIX, EVIDENCE_PREFIX } from './block-keys.ts';
import type { BlockStore } from './block-store.ts';
import type { ChainState } from './chain-state.ts';

export const ErrEvidence = defineError('evidence', 1, 'evidence refused');
/** Was good once: expired, or in a block already. */
export const ErrStaleEvidence = defineError('evidence', 2, 'evidence comes too late');

/** What evidence about a height is checked against. */
type EvidenceContext = Parameters<typeof verifyEvidence>[2];

interface Pending {
  readonly evidence: DuplicateVoteEvidence;
  readonly bytes: Bytes;
}

function evidenceId(evidence: DuplicateVoteEvidence): Bytes {
  return sha256(encodeDuplicateVoteEvidence(evidence));
}

export class EvidencePool {
  readonly #store: BlockStore;
  readonly #pending = new Map<string, Pending>();
  /** Conflicts whose height has no block yet, by what was signed twice. */
  readonly #waiting = new Map<string, readonly [Vote, Vote]>();
  #listener: (evidence: DuplicateVoteEvidence) => void = () => undefined;

  private constructor(store: BlockStore) {
    this.#store = store;
  }

  static async open(store: BlockStore): Promise<EvidencePool> {
    const pool = new EvidencePool(store);
    const end = concat(EVIDENCE_PREFIX, new Uint8Array(33).fill(0xff));
    for await (const [, bytes] of store.db.iterate({ start: EVIDENCE_PREFIX, end })) {
      const evidence = decodeEvidence(bytes);
      pool.#pending.set(toHex(evidenceId(evidence)), { evidence, bytes });
    }
    return pool;
  }

  /** Called once for each piece that is new here and holds. */
  onAdded(listener: (evidence: DuplicateVoteEvidence) => void): void {
    this.#listener = listener;
  }

  /** Two conflicting votes that the machine saw; they wait until their height has a block. */
  report(voteA: Vote, voteB: Vote): void {
    const { address, height, round, type } = voteA;
    const step = `${toHex(address)}/${height}/${round}/${type}`;
    const isFull = this.#waiting.size >= MAX_WAITING_CONFLICTS;
    if (!isFull && !this.#waiting.has(step)) this.#waiting.set(step, [voteA, voteB]);
    this.retryWaiting();
  }

  /** Makes evidence of the conflicts whose height is decided by now. */
  retryWaiting(): void {
    for (const [step, votes] of this.#waiting) {
      const { height } = votes[0];
      if (height > this.#store.height()) continue;
      this.#waiting.delete(step);
      const context = this.#contextOf(height);
      if (context) this.#addOwn(votes, context);
    }
  }

  /** Throws BitscaleError when the evidence does not hold; answers its hash. */
  add(evidence: DuplicateVoteEvidence): Bytes {
    const id = evidenceId(evidence);
    const name = toHex(id);
    if (this.#pending.has(name)) return id;
    const state = this.#store.state();
    if (state === undefined) throw new BitscaleError(ErrEvidence, 'no block yet');
    this.#check(state, evidence);
    this.#requireRoom(evidence);
    const bytes = encodeEvidence(evidence);
    this.#pending.set(name, { evidence, bytes });
    // A disk that fails here fails again, and louder, at the next block.
    const op = { type: 'put', key: pendingKey(id), value: bytes } as const;
    void this.#store.db.batch([op]).catch(() => undefined);
    this.#listener(evidence);
    return id;
  }

  /** One validator that signs no end of votes must not crowd out the evidence against others. */
  #requireRoom({ voteA: { address } }: DuplicateVoteEvidence): void {
    if (this.#pending.size >= MAX_PENDING_EVIDENCE) throw new BitscaleError(ErrEvidence, 'full');
    let against = 0;
    for (const { evidence } of this.#pending.values()) {
      if (equal(evidence.voteA.address, address)) against += 1;
    }
    if (against >= MAX_EVIDENCE_PER_VALIDATOR) {
      throw new BitscaleError(ErrEvidence, 'enough against this validator');
    }
  }

  /** What waits for a block, the oldest: worth telling those who may not have it. */
  waiting(): DuplicateVoteEvidence[] {
    const oldest = [...this.#pending.values()].slice(0, MAX_EVIDENCE_TOLD);
    return oldest.map(({ evidence }) => evidence);
  }

  /** What a new block should carry, oldest first, within the parameter's bytes. */
  forBlock(state: ChainState): DuplicateVoteEvidence[] {
    const chosen: DuplicateVoteEvidence[] = [];
    let room = Number(state.params.evidence.maxBytes);
    for (const { evidence, bytes } of this.#pending.values()) {
      if (bytes.length > room) break;
      if (isExpired(state, evidence)) continue;
      chosen.push(evidence);
      room -= bytes.length;
    }
    return chosen;
  }

  /**
   * Checks the evidence of a block. Throws BitscaleError. What is about blocks that are not kept here any
   * more passes: see canCheck.
   */
  checkBlock(state: ChainState, list: readonly DuplicateVoteEvidence[]): void {
    const seen = new Set<string>();
    let size = 0;
    for (const evidence of list) {
      const name = toHex(evidenceId(evidence));
      if (seen.has(name)) throw new BitscaleError(ErrEvidence, 'twice in one block');
      seen.add(name);
      size += encodeEvidence(evidence).length;
      if (this.#isForgotten(state, evidence)) this.#requireFresh(state, evidence);
      else this.#check(state, evidence);
    }
    if (BigInt(size) > state.params.evidence.maxBytes) {
      throw new BitscaleError(ErrEvidence, 'more bytes than allowed');
    }
  }

  /**
   * Are the blocks here that this evidence is about? A node that began from a snapshot or has pruned them
   * must not vote for it on its own, and must not refuse what more than 2/3 have checked.
   */
  canCheck(list: readonly DuplicateVoteEvidence[]): boolean {
    return list.every(({ voteA }) => this.#contextOf(voteA.height) !== undefined);
  }

  #isForgotten(state: ChainState, { voteA }: DuplicateVoteEvidence): boolean {
    const { height } = voteA;
    const isPast = height >= state.initialHeight && height <= this.#store.height();
    return isPast && this.#contextOf(height) === undefined;
  }

  /** What to write with the block that carries this evidence. */
  committedOps(list: readonly DuplicateVoteEvidence[]): DbOp[] {
    return list.flatMap((evidence): DbOp[] => {
      const id = evidenceId(evidence);
      return [
        { type: 'del', key: pendingKey(id) },
        { type: 'put', key: committedKey(id), value: new Uint8Array([1]) },
      ];
    });
  }

  /** After a block that carries `list`; `next` is the state after it. */
  committed(list: readonly DuplicateVoteEvidence[], next: ChainState): void {
    for (const evidence of list) this.#pending.delete(toHex(evidenceId(evidence)));
    const expired: DbOp[] = [];
    for (const [name, { evidence }] of this.#pending) {
      if (!isExpired(next, evidence)) continue;
      this.#pending.delete(name);
      expired.push({ type: 'del', key: pendingKey(evidenceId(evidence)) });
    }
    // A disk that fails here fails again, and louder, at the next block.
    if (expired.length > 0) void this.#store.db.batch(expired).catch(() => undefined);
  }

  /** Own findings may be too old or known already; that is nobody's fault. */
  #addOwn(votes: readonly [Vote, Vote], { validators, blockTime }: EvidenceContext): void {
    try {
      this.add(makeEvidence(votes, validators, blockTime));
    } catch (error) {
      if (!(error instanceof BitscaleError)) throw error;
    }
  }

  pendingCount(): number {
    return this.#pending.size;
  }

  #check(state: ChainState, evidence: DuplicateVoteEvidence): void {
    const context = this.#contextOf(evidence.voteA.height);
    if (context === undefined) throw new BitscaleError(ErrEvidence, 'height is not known');
    this.#requireFresh(state, evidence);
    verifyEvidence(state.chainId, evidence, context);
  }

  #requireFresh(state: ChainState, evidence: DuplicateVoteEvidence): void {
    if (isExpired(state, evidence)) throw new BitscaleError(ErrStaleEvidence, 'too old');
    if (this.#store.db.get(committedKey(evidenceId(evidence))) !== undefined) {
      throw new BitscaleError(ErrStaleEvidence, 'already in a block');
    }
  }

  #contextOf(height: number): EvidenceContext | undefined {
    const validators = this.#store.validators(height);
    const stored = this.#store.block(height);
    if (validators === undefined || stored === undefined) return undefined;
    return { validators, blockTime: stored.block.header.time };
  }
}

function pendingKey(id: Bytes): Bytes {
  return concat(EVIDENCE_PREFIX, id);
}

function committedKey(id: Bytes): Bytes {
  return concat(COMMITTED_EVIDENCE_PREFIX, id);
}

/**
 * Too old when both its age in blocks and its age in time are above the parameters, seen from the last
 * block as in CometBFT: whoever proposes and whoever votes then agree.
 */
export function isExpired(state: ChainState, evidence: DuplicateVoteEvidence): boolean {
  const { maxAgeNumBlocks, maxAgeDurationNanos } = state.params.evidence;
  const blocks = BigInt(state.height - evidence.voteA.height);
  const nanos = timeToNanos(state.time) - timeToNanos(evidence.time);
  return blocks > maxAgeNumBlocks && nanos > maxAgeDurationNanos;
}

export function misbehaviorOf(evidence: DuplicateVoteEvidence): Misbehavior {
  return {
    kind: 'duplicate-vote',
    address: evidence.voteA.address,
    power: evidence.validatorPower,
    height: evidence.voteA.height,
    time: evidence.time,
    totalVotingPower: evidence.totalVotingPower,
  };
}
