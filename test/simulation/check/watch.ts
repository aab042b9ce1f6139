/** Looks at every step, every signature and every commit of the honest nodes, and remembers for ever. */
import { equal, toHex, type Bytes } from '../../../node/base/bytes.ts';
import {
  MAX_AHEAD_ROUNDS,
  MAX_EVIDENCE_PER_VALIDATOR,
  MAX_NEXT_HEIGHT_MESSAGES,
  MAX_ROUNDS_KEPT,
} from '../../../node/base/limits.ts';
import { MAX_BLOCK_TIME_AHEAD_MS } from '../../../node/base/limits.ts';
import { compareTime, timeToNanos, ZERO_TIME, type Time } from '../../../node/base/time.ts';
import type { Effect } from '../../../node/consensus/effects.ts';
import type { Input } from '../../../node/consensus/inputs.ts';
import type { StepResult } from '../../../node/consensus/machine.ts';
import type { State } from '../../../node/consensus/state.ts';
import type { Commit } from '../../../node/consensus/types.ts';
import { blockKey, type BlockKey } from '../../../node/consensus/votes.ts';
import type { CommittedBlock } from '../../../node/engine/committer.ts';
import {
  STEP_PRECOMMIT,
  STEP_PREVOTE,
  STEP_PROPOSE,
  type SignRequest,
} from '../../../node/engine/signer.ts';
import { START_MS, type Host } from '../kernel/host.ts';
import type { World } from '../machine/world.ts';
import { durableRecords } from './log-reader.ts';
import { hold } from './violation.ts';
import type { WatchedNode } from './watched-node.ts';

export interface Decision {
  readonly key: BlockKey;
  readonly round: number;
  readonly time: Time;
  readonly parent: BlockKey;
  readonly proposer: string;
}

/** When a height was proposed first and decided first and last, virtual ms; what it had cost by then. */
export interface Mark {
  proposedAt: number;
  firstAt: number;
  lastAt: number;
  readonly sent: number;
  readonly verified: number;
}

interface Conflict {
  readonly slot: string;
  readonly height: number;
  readonly node: WatchedNode;
  readonly life: number;
  /** Height of the node's chain when it saw it. */
  readonly seenAt: number;
}

/** Evidence of votes of a height needs the block of that height; the one after may be on its way. */
const SLOW_EVIDENCE_HEIGHTS = 2;

interface Strike {
  readonly points: number;
  readonly reason: string;
}

/** A host counts its lives from this. */
const FIRST_LIFE = 1;

export class Watch {
  readonly #world: World;
  /** Inputs to machines, all together. */
  steps = 0;
  readonly decisions: Decision[] = [];
  readonly marks: Mark[] = [];
  /** Messages sent and signatures verified so far. */
  costs = (): { sent: number; verified: number } => ({ sent: 0, verified: 0 });
  readonly #proposedAt = new Map<number, number>();
  readonly #appHashes = new Map<number, string>();
  /** Everything honest validators have signed: one value per height, round and step. */
  readonly #signed = new Map<string, string>();
  /** By validator: height and round of the newest precommit for a block. */
  readonly #precommitted = new Map<number, { height: number; round: number }>();
  readonly #locks = new Map<Host, { height: number; round: number; life: number }>();
  readonly #nodes = new Map<Host, WatchedNode>();
  readonly #conflicts: Conflict[] = [];
  readonly #punished = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  add(node: WatchedNode): void {
    this.#nodes.set(node.host, node);
  }

  onStep(host: Host, before: State, input: Input, result: StepResult): void {
    this.steps += 1;
    const node = this.#nodes.get(host);
    if (!node) return;
    if (result.rejected !== undefined) {
      const isSame = result.state === before && result.effects.length === 0;
      hold('I15', isSame, () => `a rejected ${input.type} left a trace: ${result.rejected}`);
      return;
    }
    if (!node.isHonest) return;
    this.#checkLock(node, result.state, input);
    checkBounds(node, result.state);
    for (const effect of result.effects) this.#noteConflict(node, effect);
  }

  /** Within a life the lock only rises; after a crash it is not below what was precommitted. */
  #checkLock(node: WatchedNode, { context, lock }: State, input: Input): void {
    if (!context) return;
    const { height } = context;
    const { life } = node.host;
    const round = lock?.round ?? -1;
    const before = this.#locks.get(node.host);
    if (before && before.height === height && before.life === life) {
      const detail = () => `${node.name} at height ${height}: round ${before.round} to ${round}`;
      hold('I6', round >= before.round, detail);
    }
    const last = this.#precommitted.get(node.index);
    if (input.type === 'start' && last?.height === height) {
      const detail = () => `${node.name} forgot its lock of round ${last.round} at ${height}`;
      hold('I6', round >= last.round, detail);
    }
    this.#locks.set(node.host, { height, round, life });
  }

  #noteConflict(node: WatchedNode, effect: Effect): void {
    if (effect.type !== 'evidence') return;
    const { address, height, round, type } = effect.voteA;
    this.#checkAccused(address, node);
    const slot = `${toHex(address)}/${height}/${round}/${type}`;
    const { life } = node.host;
    this.#conflicts.push({ slot, height, node, life, seenAt: node.height });
  }

  #checkAccused(address: Bytes, by: WatchedNode): void {
    const index = this.#world.indexOf(address);
    const isFaulty = index !== undefined && this.#world.isFaulty(index);
    hold('I9', isFaulty, () => `${by.name} accuses the honest ${toHex(address)}`);
  }

  /** A signature is about to leave: one value per step, durable, and a certificate for a precommit. */
  onSigned(node: WatchedNode, request: SignRequest): void {
    if (!node.isHonest && node.kind !== 'forgetful') return;
    const { height, round, step } = request;
    if (step === STEP_PROPOSE && !this.#proposedAt.has(height)) {
      this.#proposedAt.set(height, node.host.queue.now);
    }
    const slot = `${node.index}/${height}/${round}/${step}`;
    const value = toHex(request.bytesAt(ZERO_TIME));
    const before = this.#signed.get(slot);
    hold('I4', before === undefined || before === value, () => `${node.name} twice at ${slot}`);
    this.#signed.set(slot, value);
    if (!node.isHonest) return;
    if (step === STEP_PREVOTE && before === undefined) {
      const later = this.#signed.has(`${node.index}/${height}/${round}/${STEP_PRECOMMIT}`);
      hold('I4', !later, () => `${node.name} prevotes after its precommit at ${slot}`);
    }
    this.#checkDurable(node, request);
  }

  #checkDurable(node: WatchedNode, { height, round, step }: SignRequest): void {
    const state = node.engine?.driver.state;
    const own = state?.rounds.get(round)?.own;
    const records = durableRecords(node.host.disk, height);
    const voteType = step === STEP_PREVOTE ? 1 : step === STEP_PRECOMMIT ? 2 : undefined;
    const record = records.find(
      (one) =>
        one.type !== 'lock' &&
        one.request.round === round &&
        (one.request.type === 'vote' ? one.request.voteType : undefined) === voteType,
    );
    hold(
      'I4',
      record !== undefined,
      () => `${node.name} signed ${height}/${round}/${step} unlogged`,
    );
    if (step !== STEP_PRECOMMIT || record === undefined || record.type === 'lock') return;
    const key = blockKey(record.request.blockId);
    if (key === '') return;
    const where = () => `${node.name} precommits ${height}/${round}`;
    const qc = state?.rounds.get(round)?.qc;
    const lockedAt = records.findIndex(
      (one) => one.type === 'lock' && one.qc.round === round && blockKey(one.qc.blockId) === key,
    );
    const isLocked = lockedAt >= 0;
    // After a restart a vote is repeated: its certificate came before it in the log, and only the newest one is
    // in memory.
    const isLater = (state?.lock?.round ?? -1) > round;
    const isRepeated =
      isLocked && lockedAt < records.indexOf(record) && isLater && node.host.life > FIRST_LIFE;
    const fits = qc !== undefined && qc.round === round && blockKey(qc.blockId) === key;
    hold('I5', fits || isRepeated, () => `${where()} without the certificate`);
    hold('I5', isLocked, () => `${where()} before its lock is durable`);
    hold('I5', own?.precommit !== undefined, () => `${where()} without knowing`);
    this.#precommitted.set(node.index, { height, round });
  }

  onCommit(node: WatchedNode, { block, blockId, commit, results }: CommittedBlock): void {
    if (!node.isHonest) return;
    const { header } = block;
    const { height, time } = header;
    const key = blockKey(blockId);
    const parent = blockKey(header.lastBlockId);
    const known = this.decisions[height];
    hold('I1', known === undefined || known.key === key, () => `${node.name} at height ${height}`);
    if (!known) {
      const proposer = toHex(header.proposerAddress);
      this.decisions[height] = { key, parent, time, proposer, round: commit.round };
    }
    this.#mark(height, node.host.queue.now);
    const before = this.decisions[height - 1];
    // Who decided the block before may have lost power before it could tell; checkHistory looks again.
    const isLinked = before ? parent === before.key : height > 1 || parent === '';
    hold('I2', isLinked, () => `broken link at height ${height}`);
    if (before) {
      hold('I13', compareTime(before.time, time) < 0, () => `height ${height} is not later`);
    }
    const aheadMs = Number(timeToNanos(time) / 1_000_000n) - START_MS - node.host.queue.now;
    const { skewMs } = this.#world.scenario.faults;
    const far = skewMs + MAX_BLOCK_TIME_AHEAD_MS + height;
    hold('I13', aheadMs <= far, () => `height ${height} is ${aheadMs} ms ahead`);
    this.#checkPower(commit, node, height);
    for (const { voteA } of block.evidence) {
      this.#checkAccused(voteA.address, node);
      const { address, round, type } = voteA;
      this.#punished.add(`${toHex(address)}/${voteA.height}/${round}/${type}`);
    }
    const hash = toHex(results.appHash);
    const expected = this.#appHashes.get(height) ?? hash;
    hold('I7', hash === expected, () => `${node.name} has another hash at height ${height}`);
    this.#appHashes.set(height, expected);
  }

  #mark(height: number, now: number): void {
    const known = this.marks[height];
    if (known) known.lastAt = now;
    else {
      const proposedAt = this.#proposedAt.get(height) ?? now;
      this.marks[height] = { proposedAt, firstAt: now, lastAt: now, ...this.costs() };
    }
  }

  /** Counted here, not by the node: strictly more than two thirds said yes. */
  #checkPower(commit: Commit, node: WatchedNode, height: number): void {
    const { validators } = node.engine!.store.state()!.lastValidators!; // of this height
    let yes = 0n;
    let total = 0n;
    validators.forEach(({ power, address }, at) => {
      const sig = commit.signatures[at]!;
      total += power;
      if (sig.flag === 2 && equal(sig.address, address)) yes += power;
    });
    hold('I3', yes * 3n > total * 2n, () => `height ${height}: ${yes} of ${total}`);
  }

  onStrike(node: WatchedNode, peerId: string, { points, reason }: Strike): void {
    if (!node.isHonest || points < 20) return;
    const peer = [...this.#nodes.values()].find(({ name }) => name === peerId);
    if (!peer?.isHonest || reason.startsWith('its height went down')) return;
    hold('I15', false, () => `${node.name} strikes the honest ${peerId}: ${reason}`);
  }

  get appHashes(): ReadonlyMap<number, string> {
    return this.#appHashes;
  }

  /**
   * Whoever saw conflicting votes and lives to tell of them puts them into a block of its own, unless another
   * did before. The next height decides first; a block that was locked earlier may come between. Against a
   * validator who signs no end of votes a node keeps so many pieces at a time: as many in blocks are enough.
   */
  checkPunished(): void {
    for (const { slot, height, seenAt, node, life } of this.#conflicts) {
      if (node.host.life !== life || this.#punished.has(slot)) continue;
      if (this.#piecesAgainst(slot) >= MAX_EVIDENCE_PER_VALIDATOR) continue;
      const own = toHex(node.address);
      const from = Math.max(height, seenAt) + SLOW_EVIDENCE_HEIGHTS;
      const missed = this.decisions.findIndex((one, at) => at > from && one.proposer === own);
      const detail = () => `${node.name} saw ${slot} and proposed height ${missed} without it`;
      hold('I9', missed < 0, detail);
    }
  }

  /** Pieces of evidence in blocks against the validator of a slot. */
  #piecesAgainst(slot: string): number {
    const [validator = ''] = slot.split('/');
    return [...this.#punished].filter((one) => one.startsWith(`${validator}/`)).length;
  }
}

function checkBounds(node: WatchedNode, state: State): void {
  const size = state.context?.validators.size ?? 0;
  const { rounds, nextHeight } = state;
  const mostRounds = MAX_ROUNDS_KEPT + MAX_AHEAD_ROUNDS + 2;
  hold('I12', rounds.size <= mostRounds, () => `${node.name} keeps ${rounds.size} rounds`);
  const most = MAX_NEXT_HEIGHT_MESSAGES * (size + 1);
  hold('I12', nextHeight.length <= most, () => `${node.name} keeps ${nextHeight.length} messages`);
}
