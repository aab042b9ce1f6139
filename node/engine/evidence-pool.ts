/**
 * Evidence of double signing: verified when it comes, kept on disk until it is in a block, checked again
 * when somebody else's block brings it.
 */
import { concat, toHex, type Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import { MAX_PENDING_EVIDENCE, MAX_WAITING_CONFLICTS } from '../base/limits.ts';
import { timeToNanos, type Time } from '../base/time.ts';
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

interface Pending {
  readonly evidence: DuplicateVoteEvidence;
  readonly bytes: Bytes;
}

export function evidenceId(evidence: DuplicateVoteEvidence): Bytes {
  return sha256(encodeDuplicateVoteEvidence(evidence));
}

export class EvidencePool {
  readonly #store: BlockStore;
  readonly #pending = new Map<string, Pending>();
  readonly #waiting: [Vote, Vote][] = [];
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
    if (this.#waiting.length < MAX_WAITING_CONFLICTS) this.#waiting.push([voteA, voteB]);
    this.retryWaiting();
  }

  /** Makes evidence of the conflicts whose height is decided by now. */
  retryWaiting(): void {
    for (const [voteA, voteB] of this.#waiting.splice(0)) {
      const context = this.#contextOf(voteA.height);
      if (context === undefined) this.#waiting.push([voteA, voteB]);
      else this.#addOwn(makeEvidence([voteA, voteB], context.validators, context.blockTime));
    }
  }

  /** Throws BitscaleError when the evidence does not hold; answers its hash. */
  add(evidence: DuplicateVoteEvidence): Bytes {
    const id = evidenceId(evidence);
    const name = toHex(id);
    if (this.#pending.has(name)) return id;
    const state = this.#store.state();
    if (state === undefined) throw new BitscaleError(ErrEvidence, 'no block yet');
    this.#check(state, evidence, state.height, state.time);
    if (this.#pending.size >= MAX_PENDING_EVIDENCE) throw new BitscaleError(ErrEvidence, 'full');
    const bytes = encodeEvidence(evidence);
    this.#pending.set(name, { evidence, bytes });
    // A disk that fails here fails again, and louder, at the next block.
    const op = { type: 'put', key: pendingKey(id), value: bytes } as const;
    void this.#store.db.batch([op]).catch(() => undefined);
    this.#listener(evidence);
    return id;
  }

  /** What a new block should carry, oldest first, within the parameter's bytes. */
  forBlock(state: ChainState): DuplicateVoteEvidence[] {
    const chosen: DuplicateVoteEvidence[] = [];
    let room = Number(state.params.evidence.maxBytes);
    for (const { evidence, bytes } of this.#pending.values()) {
      if (bytes.length > room) break;
      if (isExpired(state, evidence, state.height + 1, state.time)) continue;
      chosen.push(evidence);
      room -= bytes.length;
    }
    return chosen;
  }

  /** Checks the evidence of a block. Throws BitscaleError. */
  checkBlock(state: ChainState, list: readonly DuplicateVoteEvidence[], time: Time): void {
    const seen = new Set<string>();
    let size = 0;
    for (const evidence of list) {
      const name = toHex(evidenceId(evidence));
      if (seen.has(name)) throw new BitscaleError(ErrEvidence, 'twice in one block');
      seen.add(name);
      size += encodeEvidence(evidence).length;
      this.#check(state, evidence, state.height + 1, time);
    }
    if (BigInt(size) > state.params.evidence.maxBytes) {
      throw new BitscaleError(ErrEvidence, 'more bytes than allowed');
    }
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
      if (!isExpired(next, evidence, next.height + 1, next.time)) continue;
      this.#pending.delete(name);
      expired.push({ type: 'del', key: pendingKey(evidenceId(evidence)) });
    }
    // A disk that fails here fails again, and louder, at the next block.
    if (expired.length > 0) void this.#store.db.batch(expired).catch(() => undefined);
  }

  /** Own findings may be too old or known already; that is nobody's fault. */
  #addOwn(evidence: DuplicateVoteEvidence): void {
    try {
      this.add(evidence);
    } catch (error) {
      if (!(error instanceof BitscaleError)) throw error;
    }
  }

  pendingCount(): number {
    return this.#pending.size;
  }

  #check(state: ChainState, evidence: DuplicateVoteEvidence, height: number, time: Time): void {
    const context = this.#contextOf(evidence.voteA.height);
    if (context === undefined) throw new BitscaleError(ErrEvidence, 'height is not known');
    if (isExpired(state, evidence, height, time)) throw new BitscaleError(ErrEvidence, 'too old');
    if (this.#store.db.get(committedKey(evidenceId(evidence))) !== undefined) {
      throw new BitscaleError(ErrEvidence, 'already in a block');
    }
    verifyEvidence(state.chainId, evidence, context);
  }

  #contextOf(height: number): Parameters<typeof verifyEvidence>[2] | undefined {
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

/** Too old when both its age in blocks and its age in time are above the parameters. */
function isExpired(
  state: ChainState,
  evidence: DuplicateVoteEvidence,
  height: number,
  time: Time,
): boolean {
  const { maxAgeNumBlocks, maxAgeDurationNanos } = state.params.evidence;
  const blocks = BigInt(height - evidence.voteA.height);
  const nanos = timeToNanos(time) - timeToNanos(evidence.time);
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
