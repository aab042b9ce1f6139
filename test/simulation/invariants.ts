/** What must hold after every step, whatever the network and the byzantine minority do. */
import assert from 'node:assert/strict';
import { toHex } from '../../node/base/bytes.ts';
import type { Effect, SignRequest, WalRecord } from '../../node/consensus/effects.ts';
import type { State } from '../../node/consensus/state.ts';
import { PRECOMMIT, PREVOTE, type Commit, type Vote } from '../../node/consensus/types.ts';
import { blockKey, type BlockKey } from '../../node/consensus/votes.ts';
import type { SimulatedBlock, World } from './world.ts';

export class Invariants {
  readonly #world: World;
  readonly #byzantine: ReadonlySet<string>;
  /** Agreement: what was decided first at each height, by anybody honest. */
  readonly decisions: { readonly key: BlockKey; readonly round: number }[] = [];
  /** Everything honest validators have signed: one value per height, round and step, for ever. */
  readonly #signed = new Map<string, BlockKey>();
  readonly #locks = new Map<string, { height: number; round: number }>();

  constructor(world: World) {
    this.#world = world;
    const { byzantine } = world.scenario;
    this.#byzantine = new Set(
      byzantine.map(({ index }) => toHex(world.validators[index]!.address)),
    );
  }

  /** Agreement, linkage, and a commit that stands on its own. */
  onCommit(block: SimulatedBlock, commit: Commit): void {
    const { height } = block;
    const key = blockKey(block.id);
    const known = this.decisions[height];
    if (known) assert.equal(key, known.key, `two decisions at height ${height}`);
    else this.decisions[height] = { key, round: commit.round };
    assert.equal(block.parent, this.decisions[height - 1]?.key ?? '', 'broken linkage');
    assert.ok(block.valid, 'an invalid block was decided');
    this.#world.checkCommit(commit, block.id, height);
  }

  /** No honest double sign; durable before it is signed; a precommit of a block has its certificate. */
  onSign(who: string, request: SignRequest, state: State, durable: readonly WalRecord[]): void {
    const { height, round, blockId } = request;
    const step = request.type === 'proposal' ? 0 : request.voteType;
    const slot = `${who}/${height}/${round}/${step}`;
    const key = blockKey(blockId);
    const before = this.#signed.get(slot);
    assert.ok(before === undefined || before === key, `double sign by ${who} at ${slot}`);
    if (step === PREVOTE && before === undefined) {
      assert.ok(
        !this.#signed.has(`${who}/${height}/${round}/${PRECOMMIT}`),
        'prevote after precommit',
      );
    }
    this.#signed.set(slot, key);
    const isDurable = durable.some(
      (record) =>
        record.type === request.type &&
        record.request.height === height &&
        record.request.round === round &&
        blockKey(record.request.blockId) === key,
    );
    assert.ok(isDurable, 'signed before it was durable');
    if (step === PRECOMMIT && key !== '') this.#checkCertificate(state, durable, request);
  }

  #checkCertificate(state: State, durable: readonly WalRecord[], request: SignRequest): void {
    const { height, round, blockId } = request;
    const key = blockKey(blockId);
    const inMemory = state.rounds.get(round)?.qc;
    assert.ok(
      inMemory && blockKey(inMemory.blockId) === key && inMemory.round === round,
      'a precommit without the certificate of its round',
    );
    const locked = durable.some(
      ({ type, ...record }) =>
        type === 'lock' &&
        'qc' in record &&
        record.qc.height === height &&
        record.qc.round >= round,
    );
    assert.ok(locked, 'a precommit before the lock was durable');
  }

  /** The durable lock only rises within a height, crashes included. */
  onState(who: string, state: State): void {
    const { context, lock } = state;
    if (!context || state.phase !== 'running') return;
    const before = this.#locks.get(who);
    const round = lock?.round ?? -1;
    if (before?.height === context.height) {
      assert.ok(round >= before.round, `the lock of ${who} fell from ${before.round} to ${round}`);
    }
    this.#locks.set(who, { height: context.height, round });
  }

  /** Nobody honest is ever accused. */
  onEvidence(voteA: Vote, voteB: Vote): void {
    assert.equal(toHex(voteA.address), toHex(voteB.address));
    assert.notEqual(blockKey(voteA.blockId), blockKey(voteB.blockId));
    const accused = toHex(voteA.address);
    assert.ok(this.#byzantine.has(accused), `evidence against the honest ${accused}`);
  }
}

/** A rejected input leaves no trace. */
export function checkRejection(
  before: State,
  result: {
    readonly state: State;
    readonly effects: readonly Effect[];
    readonly rejected?: string;
  },
): void {
  if (result.rejected === undefined) return;
  assert.equal(result.state, before, 'a rejected input changed the state');
  assert.equal(result.effects.length, 0, 'a rejected input had effects');
}
