/** What all simulated machines share: keys, validator sets of all heights, blocks, signatures. */
import assert from 'node:assert/strict';
import { concat, toHex, utf8, type Bytes } from '../../node/base/bytes.ts';
import { ed25519PublicKey, signEd25519, verifyEd25519 } from '../../node/base/ed25519.ts';
import { sha256 } from '../../node/base/hash.ts';
import { timeFromMillis, type Time } from '../../node/base/time.ts';
import type { SignRequest } from '../../node/consensus/effects.ts';
import type { ConsensusMessage } from '../../node/consensus/messages.ts';
import { messageChecks } from '../../node/consensus/message-signatures.ts';
import { proposalSignBytes, voteSignBytes } from '../../node/consensus/sign-bytes.ts';
import type { BlockId, Commit, Validator } from '../../node/consensus/types.ts';
import { ValidatorSet } from '../../node/consensus/validator-set.ts';
import { verifyCommit } from '../../node/consensus/verify-commit.ts';
import { blockKey, isQuorum, type BlockKey } from '../../node/consensus/votes.ts';
import type { Scenario } from './scenario.ts';

export const CHAIN_ID = 'simulation-1';

export interface SimulatedBlock {
  readonly id: BlockId;
  readonly height: number;
  readonly parent: BlockKey;
  readonly valid: boolean;
  readonly lastCommit?: Commit;
}

export class World {
  readonly scenario: Scenario;
  readonly validators: readonly Validator[];
  readonly #seeds: readonly Bytes[];
  readonly #sets: ValidatorSet[] = [];
  /** Fake signatures: what each stands for. */
  readonly #signed = new Map<string, string>();
  #blocks = 0;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.#seeds = scenario.powers.map((_, index) => sha256(utf8(`validator ${index}`)));
    this.validators = scenario.powers.map((power, index) => {
      const pubKey = scenario.realSignatures
        ? ed25519PublicKey(this.#seeds[index]!)
        : this.#seeds[index]!;
      return { address: sha256(pubKey).slice(0, 20), pubKey, power };
    });
    this.#sets[1] = ValidatorSet.create(this.validators);
  }

  /** The set of a height; with `rotating`, a validator changes power, leaves or returns now and then. */
  setAt(height: number): ValidatorSet {
    const known = this.#sets[height];
    if (known) return known;
    const before = this.setAt(height - 1);
    const next = this.scenario.rotating && height % 3 === 0 ? this.#rotate(before, height) : before;
    return (this.#sets[height] = next.advance(1));
  }

  #rotate(before: ValidatorSet, height: number): ValidatorSet {
    const { size, byzantine } = this.scenario;
    const index = (height * 7 + (height >> 2)) % size;
    if (byzantine.some((one) => one.index === index)) return before;
    const { power, ...validator } = this.validators[index]!;
    const isMember = before.indexOf(validator.address) !== undefined;
    const leaves = isMember && height % 2 === 1 && before.size > 1;
    const changed = leaves ? 0n : power + BigInt(height % 3);
    const after = before.update([{ ...validator, power: changed }]);
    const lawless = byzantine.reduce((sum, one) => sum + this.validators[one.index]!.power, 0n);
    return lawless * 3n < after.totalPower ? after : before;
  }

  makeBlock(height: number, parent: BlockKey, valid = true): SimulatedBlock {
    const hash = sha256(utf8(`block ${this.#blocks++} at ${height} on ${parent}`));
    return { id: { hash, parts: { total: 1, hash } }, height, parent, valid };
  }

  #meaning(request: SignRequest, time: Time): Bytes {
    return request.type === 'vote'
      ? voteSignBytes(CHAIN_ID, { ...request, type: request.voteType, time })
      : proposalSignBytes(CHAIN_ID, { ...request, time });
  }

  sign(index: number, request: SignRequest, nowMs: number): { time: Time; signature: Bytes } {
    const time = timeFromMillis(1_700_000_000_000 + Math.floor(nowMs));
    const message = this.#meaning(request, time);
    if (this.scenario.realSignatures) {
      return { time, signature: signEd25519(this.#seeds[index]!, message) };
    }
    const { pubKey } = this.validators[index]!;
    const half = sha256(concat(pubKey, message));
    const signature = concat(half, half);
    this.#signed.set(toHex(signature), toHex(message));
    return { time, signature };
  }

  #verify(pubKey: Bytes, message: Bytes, signature: Bytes): boolean {
    if (this.scenario.realSignatures) return verifyEd25519(pubKey, message, signature);
    const half = sha256(concat(pubKey, message));
    return toHex(concat(half, half)) === toHex(signature) && this.#signed.has(toHex(signature));
  }

  /** What a driver does before a message becomes an input. */
  isGenuine(message: ConsensusMessage, height: number, round: number): boolean {
    try {
      const validators = this.setAt(height);
      const checks = messageChecks({ chainId: CHAIN_ID, validators, round }, message);
      return checks.every((one) => this.#verify(one.pubKey, one.message, one.signature));
    } catch {
      return false;
    }
  }

  /** An independent look at a commit: every entry was really signed, and by more than 2/3. */
  checkCommit(commit: Commit, blockId: BlockId, height: number): void {
    const validators = this.setAt(height);
    assert.equal(commit.height, height);
    assert.equal(blockKey(commit.blockId), blockKey(blockId));
    if (this.scenario.realSignatures) {
      verifyCommit({ chainId: CHAIN_ID, validators, height, blockId, commit });
      return;
    }
    assert.equal(commit.signatures.length, validators.size);
    let power = 0n;
    commit.signatures.forEach((sig, index) => {
      if (sig.flag === 1) return;
      const { address, pubKey, power: own } = validators.validators[index]!;
      assert.equal(toHex(sig.address), toHex(address));
      const nil = { hash: new Uint8Array(0), parts: { total: 0, hash: new Uint8Array(0) } };
      const voted = sig.flag === 2 ? blockId : nil;
      const { round } = commit;
      const fields = { type: 2, height, round, blockId: voted, time: sig.time } as const;
      const message = voteSignBytes(CHAIN_ID, fields);
      assert.ok(this.#verify(pubKey, message, sig.signature), 'a signature nobody made');
      if (sig.flag === 2) power += own;
    });
    assert.ok(isQuorum(power, validators.totalPower), 'not enough power in a commit');
  }
}
