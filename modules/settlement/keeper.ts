/** Batches on their way to L1: sealed, attested by more than 2/3 of the stake, proven in a final L1 block. */
import type { Context } from '../../node/app/context.ts';
import {
  bigIntToBytes,
  bytesToUint64,
  equal,
  fromUtf8,
  uint64ToBytes,
  utf8,
  type Bytes,
} from '../../node/base/bytes.ts';
import { assert, BitscaleError } from '../../node/base/errors.ts';
import { sha256 } from '../../node/base/hash.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import { BatchHeader, L1Proven, Params } from '../../proto/gen/bitscale/settlement/v1/types.ts';
import { attestationDigest, recoverAddress } from './attestation.ts';
import { ERR_ATTESTATION, ERR_NOT_VALIDATOR, ERR_UNKNOWN_BATCH } from './errors.ts';
import type { SealedBatch, StakeSource } from './expected.ts';
import * as keys from './keys.ts';

const ZERO_HASH = new Uint8Array(32);

export interface ValidatorKey {
  readonly operator: Bytes;
  /** L1 address of the attestation key, 20 bytes. */
  readonly address: Bytes;
}

export class SettlementKeeper {
  readonly #stake: StakeSource;

  constructor(stake: StakeSource) {
    this.#stake = stake;
  }

  params(context: Context): Params {
    const bytes = context.store(keys.SETTLEMENT_STORE).get(keys.PARAMS_KEY);
    assert(bytes !== undefined, 'settlement has no parameters');
    return Params.decode(bytes);
  }

  setParams(context: Context, params: Params): void {
    context.store(keys.SETTLEMENT_STORE).set(keys.PARAMS_KEY, Params.encode(params).finish());
  }

  /** Newest sealed, attested and final batch, and the next deposit: 0 when there is none yet. */
  counter(context: Context, key: Bytes): bigint {
    const bytes = context.store(keys.SETTLEMENT_STORE).get(key);
    return bytes ? bytesToUint64(bytes) : 0n;
  }

  setCounter(context: Context, key: Bytes, value: bigint): void {
    context.store(keys.SETTLEMENT_STORE).set(key, uint64ToBytes(value));
  }

  header(context: Context, number: bigint): BatchHeader | undefined {
    const bytes = context.store(keys.SETTLEMENT_STORE).get(keys.batchKey(number));
    return bytes && BatchHeader.decode(bytes);
  }

  content(context: Context, number: bigint): Bytes | undefined {
    return context.store(keys.DATA_STORE).get(keys.batchKey(number));
  }

  unprovenValue(context: Context): bigint {
    const bytes = context.store(keys.SETTLEMENT_STORE).get(keys.UNPROVEN_VALUE_KEY);
    return bytes ? BigInt(fromUtf8(bytes)) : 0n;
  }

  #setUnprovenValue(context: Context, value: bigint): void {
    context.store(keys.SETTLEMENT_STORE).set(keys.UNPROVEN_VALUE_KEY, utf8(String(value)));
  }

  /** Takes a batch over from the ledger. */
  sealed(context: Context, batch: SealedBatch): void {
    const before = this.header(context, batch.number - 1n);
    assert(batch.number === this.counter(context, keys.SEALED_KEY) + 1n, 'a batch was skipped');
    const header: BatchHeader = {
      number: batch.number,
      time: batch.time,
      oldRoot: bigIntToBytes(batch.oldRoot, 32),
      newRoot: bigIntToBytes(batch.newRoot, 32),
      commitment: bigIntToBytes(batch.commitment, 32),
      rollingHash: batch.rollingHash(before?.rollingHash ?? ZERO_HASH),
      publicWords: batch.publicWords.map((word) => bigIntToBytes(word, 32)),
      height: BigInt(context.height),
      operations: batch.operations,
      value: String(batch.value),
      contentHash: sha256(batch.content),
    };
    const key = keys.batchKey(batch.number);
    context.store(keys.SETTLEMENT_STORE).set(key, BatchHeader.encode(header).finish());
    context.store(keys.DATA_STORE).set(key, batch.content);
    this.setCounter(context, keys.SEALED_KEY, batch.number);
    this.#setUnprovenValue(context, this.unprovenValue(context) + batch.value);
    context.events.emit('batch_sealed', ['batch', String(batch.number)]);
  }

  setValidator(context: Context, { operator, address }: ValidatorKey): void {
    context.store(keys.SETTLEMENT_STORE).set(keys.validatorKey(operator), address);
  }

  validators(context: Context): ValidatorKey[] {
    const entries = iteratePrefix(context.store(keys.SETTLEMENT_STORE), keys.VALIDATOR_PREFIX);
    return [...entries].map(([key, address]) => ({ operator: key.slice(1), address }));
  }

  power(context: Context, operator: Bytes): bigint {
    return this.#stake.powerOf(context, operator);
  }

  totalPower(context: Context): bigint {
    return this.#stake.totalPower(context);
  }

  /** All bonded stake in uscale. */
  totalStake(context: Context): bigint {
    return this.#stake.totalStake(context);
  }

  /** Does more than 2/3 of all stake stand behind this? */
  isQuorum(context: Context, power: bigint): boolean {
    return 3n * power > 2n * this.totalPower(context);
  }

  /** The attestation address of a bonded validator. Throws for anybody else. */
  requireValidator(context: Context, operator: Bytes): Bytes {
    const address = context.store(keys.SETTLEMENT_STORE).get(keys.validatorKey(operator));
    if (!address || this.power(context, operator) === 0n) {
      throw new BitscaleError(ERR_NOT_VALIDATOR);
    }
    return address;
  }

  /** Records a validator's L1 signature over the hash chain up to a batch. */
  attest(
    context: Context,
    operator: Bytes,
    vote: { batch: bigint; rollingHash: Bytes; signature: Bytes },
  ): void {
    const address = this.requireValidator(context, operator);
    const header = this.header(context, vote.batch);
    if (!header) throw new BitscaleError(ERR_UNKNOWN_BATCH, String(vote.batch));
    if (!equal(header.rollingHash, vote.rollingHash)) {
      throw new BitscaleError(ERR_ATTESTATION, `batch ${vote.batch} has another rolling hash`);
    }
    const { l1ChainId, rollup } = this.params(context);
    const digest = attestationDigest({ chainId: l1ChainId, rollup }, vote.batch, vote.rollingHash);
    const signer = recoverAddress(digest, vote.signature);
    if (!signer || !equal(signer, address)) {
      throw new BitscaleError(ERR_ATTESTATION, "not the validator's L1 signature");
    }
    const store = context.store(keys.SETTLEMENT_STORE);
    store.set(keys.attestationKey(vote.batch, operator), vote.signature);
    if (vote.batch <= this.counter(context, keys.ATTESTED_KEY)) return;
    if (!this.isQuorum(context, this.attestedPower(context, vote.batch))) return;
    // The hash chain covers all batches before, so their attestation is settled with this one.
    this.setCounter(context, keys.ATTESTED_KEY, vote.batch);
    context.events.emit('batch_attested', ['batch', String(vote.batch)]);
  }

  attestations(context: Context, batch: bigint): { operator: Bytes; signature: Bytes }[] {
    const prefix = keys.attestationPrefix(batch);
    const entries = iteratePrefix(context.store(keys.SETTLEMENT_STORE), prefix);
    return [...entries].map(([key, signature]) => ({
      operator: key.slice(prefix.length),
      signature,
    }));
  }

  attestedPower(context: Context, batch: bigint): bigint {
    let power = 0n;
    for (const { operator } of this.attestations(context, batch)) {
      power += this.power(context, operator);
    }
    return power;
  }

  /** Records that L1 has accepted a batch (and so all before it) in a block that is final. */
  finalized(context: Context, fact: L1Proven): void {
    const from = this.counter(context, keys.FINAL_KEY);
    const store = context.store(keys.SETTLEMENT_STORE);
    let proven = 0n;
    for (let number = from + 1n; number <= fact.batch; number++) {
      const header = this.header(context, number);
      assert(header !== undefined, 'L1 proved a batch that was never sealed');
      proven += BigInt(header.value);
      store.set(keys.decidedKey(keys.PROVEN_FACT, number), L1Proven.encode(fact).finish());
    }
    this.setCounter(context, keys.FINAL_KEY, fact.batch);
    this.#setUnprovenValue(context, this.unprovenValue(context) - proven);
    context.events.emit('batch_final', ['batch', String(fact.batch)]);
  }

  /** Which L1 transaction made a batch final. */
  provenBy(context: Context, batch: bigint): L1Proven | undefined {
    const key = keys.decidedKey(keys.PROVEN_FACT, batch);
    const bytes = context.store(keys.SETTLEMENT_STORE).get(key);
    return bytes && L1Proven.decode(bytes);
  }
}
