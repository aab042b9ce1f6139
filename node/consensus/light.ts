/**
 * May a header be trusted because of one that is trusted already? CometBFT's light verification (its
 * light/verifier.go), which IBC's 07-tendermint client asks too. The header's own validators must have
 * committed it, and they must be the ones the trusted header announced (next height), or enough of the
 * trusted validators must be among those who signed (any later height).
 */
import { equal, toHex, type Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import { verifyEd25519 } from '../base/ed25519.ts';
import { sha256 } from '../base/hash.ts';
import { MAX_CHAIN_ID_CHARS, MAX_TOTAL_POWER, MAX_VALIDATORS } from '../base/limits.ts';
import { addNanos, compareTime, type Time } from '../base/time.ts';
import { headerHash } from './hashing.ts';
import { voteSignBytes } from './sign-bytes.ts';
import {
  BLOCK_ID_FLAG_ABSENT,
  BLOCK_ID_FLAG_COMMIT,
  PRECOMMIT,
  type Commit,
  type CommitSig,
  type Header,
  type Validator,
} from './types.ts';
import { ValidatorSet, type RankedValidator } from './validator-set.ts';

export const ErrLightExpired = defineError('light', 1, 'the trusted header has expired');
export const ErrLightInvalid = defineError('light', 2, 'invalid header');
/** Not refuted: a header between the two may help. */
export const ErrLightNotEnoughTrust = defineError('light', 3, 'not enough trusted power signed');

/** A header, the commit that decides it, and the validators of its height. */
export interface LightBlock {
  readonly header: Header;
  readonly commit: Commit;
  readonly validators: ValidatorSet;
}

/** What must be known of a trusted header. */
export interface TrustedHeader {
  readonly chainId: string;
  readonly height: number;
  readonly time: Time;
  readonly nextValidatorsHash: Bytes;
}

export interface TrustLevel {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export interface LightOptions {
  readonly now: Time;
  /** A trusted header counts for this long after its time; shorter than the unbonding period. */
  readonly trustingPeriodNanos: bigint;
  /** A header may be ahead of `now` by less than this. */
  readonly maxClockDriftNanos: bigint;
  /** The part of the trusted power that must have signed a header further on. */
  readonly trustLevel: TrustLevel;
  /** Required of every header; CometBFT's block protocol. */
  readonly blockVersion: bigint;
}

export const ONE_THIRD: TrustLevel = { numerator: 1n, denominator: 3n };
const TWO_THIRDS: TrustLevel = { numerator: 2n, denominator: 3n };
export const BLOCK_PROTOCOL = 11n;

const HASH_BYTES = 32;
const ADDRESS_BYTES = 20;
const MAX_SIGNATURE_BYTES = 64;
const KEY_BYTES = 32;
const PRIORITY_SPAN = 2n;

function invalid(why: string): never {
  throw new BitscaleError(ErrLightInvalid, why);
}

/** The header of the height right after the trusted one. Throws BitscaleError light/1 or light/2. */
export function verifyAdjacent(
  trusted: TrustedHeader,
  block: LightBlock,
  options: LightOptions,
): void {
  if (block.header.height !== trusted.height + 1) invalid('the heights are not adjacent');
  checkNotExpired(trusted, options);
  checkHeader(trusted, block, options);
  if (!equal(block.header.validatorsHash, trusted.nextValidatorsHash)) {
    invalid('not the validators that the trusted header announced');
  }
  checkCommitted(block);
}

/**
 * The header of a later height. `trustedValidators` are those whose overlap counts: the validators of the
 * trusted height, or the next ones as IBC has it. Throws BitscaleError light/1, light/2 or light/3.
 */
function verifyNonAdjacent(
  trusted: TrustedHeader,
  trustedValidators: ValidatorSet,
  block: LightBlock,
  options: LightOptions,
): void {
  if (block.header.height === trusted.height + 1) invalid('the heights are adjacent');
  checkNotExpired(trusted, options);
  checkHeader(trusted, block, options);
  checkOverlap(trustedValidators, block, options.trustLevel);
  checkCommitted(block);
}

export function verifyLight(
  trusted: TrustedHeader,
  trustedValidators: ValidatorSet,
  block: LightBlock,
  options: LightOptions,
): void {
  const isNext = block.header.height === trusted.height + 1;
  if (isNext) verifyAdjacent(trusted, block, options);
  else verifyNonAdjacent(trusted, trustedValidators, block, options);
}

/** Well formed in itself: the commit names this header, the validators are the header's. */
export function checkLightBlock(block: LightBlock, chainId: string, blockVersion: bigint): void {
  const { header, commit, validators } = block;
  checkHeaderForm(header, blockVersion);
  if (header.chainId !== chainId) invalid(`header of chain ${header.chainId}`);
  checkCommitForm(commit);
  if (commit.height !== header.height) invalid('the commit is for another height');
  if (!equal(commit.blockId.hash, headerHash(header))) invalid('the commit is for another header');
  if (!equal(validators.hash(), header.validatorsHash)) invalid("not the header's validators");
  for (const { address, pubKey } of validators.validators) {
    if (!equal(address, addressOf(pubKey))) invalid(`${toHex(address)} is not the key's address`);
  }
}

/**
 * The set that somebody else speaks of. Hashes cover keys and powers only: addresses are checked here,
 * priorities only for their size. Throws BitscaleError light/2.
 */
export function untrustedSet(
  validators: readonly RankedValidator[],
  proposer?: RankedValidator,
): ValidatorSet {
  if (validators.length === 0) invalid('no validators');
  if (validators.length > MAX_VALIDATORS) invalid(`${validators.length} validators`);
  const seen = new Set<string>();
  let total = 0n;
  for (const { address, pubKey, power } of validators) {
    if (pubKey.length !== KEY_BYTES) invalid('bad key size');
    if (!equal(address, addressOf(pubKey))) invalid(`${toHex(address)} is not the key's address`);
    if (power <= 0n) invalid('a validator without power');
    seen.add(toHex(address));
    total += power;
  }
  if (seen.size !== validators.length) invalid('a validator twice');
  if (total > MAX_TOTAL_POWER) invalid('too much power');
  // Centred and rescaled, priorities span at most twice the total power.
  const most = PRIORITY_SPAN * total;
  if (validators.some(({ priority }) => priority > most || priority < -most)) {
    invalid('a priority out of proportion');
  }
  if (proposer !== undefined && !seen.has(toHex(proposer.address))) invalid('a foreign proposer');
  return ValidatorSet.restore(validators, proposer);
}

function addressOf(pubKey: Bytes): Bytes {
  return sha256(pubKey).slice(0, ADDRESS_BYTES);
}

function checkNotExpired({ time }: TrustedHeader, options: LightOptions): void {
  const until = addNanos(time, options.trustingPeriodNanos);
  if (compareTime(until, options.now) <= 0) throw new BitscaleError(ErrLightExpired);
}

function checkHeader(trusted: TrustedHeader, block: LightBlock, options: LightOptions): void {
  checkLightBlock(block, trusted.chainId, options.blockVersion);
  const { height, time } = block.header;
  if (height <= trusted.height) invalid(`height ${height} is not above the trusted one`);
  if (compareTime(time, trusted.time) <= 0) invalid('its time is not after the trusted one');
  const latest = addNanos(options.now, options.maxClockDriftNanos);
  if (compareTime(time, latest) >= 0) invalid('its time is in the future');
}

function checkHeaderForm(header: Header, blockVersion: bigint): void {
  const { version, chainId, height, lastBlockId, proposerAddress } = header;
  if (version.block !== blockVersion) invalid(`block protocol ${version.block}`);
  if (chainId.length > MAX_CHAIN_ID_CHARS) invalid('chain id too long');
  if (height < 1) invalid('height below one');
  const hashes = [
    lastBlockId.hash,
    lastBlockId.parts.hash,
    header.lastCommitHash,
    header.dataHash,
    header.evidenceHash,
    header.validatorsHash,
    header.nextValidatorsHash,
    header.consensusHash,
    header.lastResultsHash,
  ];
  if (hashes.some(({ length }) => length !== 0 && length !== HASH_BYTES)) invalid('bad hash size');
  if (proposerAddress.length !== ADDRESS_BYTES) invalid('bad proposer address size');
}

function checkCommitForm({ height, round, blockId, signatures }: Commit): void {
  if (height < 1 || round < 0) invalid('negative height or round of the commit');
  if (blockId.hash.length !== HASH_BYTES || blockId.parts.hash.length !== HASH_BYTES) {
    invalid('the commit is for no block');
  }
  if (signatures.length === 0) invalid('a commit without signatures');
  for (const { flag, address, signature } of signatures) {
    const absent = flag === BLOCK_ID_FLAG_ABSENT;
    const good = absent
      ? address.length === 0 && signature.length === 0
      : address.length === ADDRESS_BYTES &&
        signature.length > 0 &&
        signature.length <= MAX_SIGNATURE_BYTES;
    if (!good) invalid('malformed signature entry');
  }
}

interface Signed {
  readonly signer: Validator;
  readonly sig: CommitSig;
}

/**
 * Enough of the trusted power is among the signers; found by address, as their places may differ. Throws
 * BitscaleError light/2 or light/3.
 */
export function checkOverlap(trusted: ValidatorSet, block: LightBlock, level: TrustLevel): void {
  const found: Signed[] = [];
  const seen = new Set<string>();
  for (const sig of block.commit.signatures) {
    const signer = sig.flag === BLOCK_ID_FLAG_COMMIT ? trusted.byAddress(sig.address) : undefined;
    if (signer === undefined) continue;
    const name = toHex(sig.address);
    if (seen.has(name)) invalid(`${name} signed twice`);
    seen.add(name);
    found.push({ signer, sig });
  }
  const needed = enoughOf(found, trusted.totalPower, level);
  if (needed === undefined) throw new BitscaleError(ErrLightNotEnoughTrust);
  checkSignatures(block, needed);
}

/** More than two thirds of the block's own validators signed it. Throws BitscaleError light/2. */
export function checkCommitted(block: LightBlock): void {
  const { commit, validators } = block;
  if (commit.signatures.length !== validators.size) {
    invalid(`${commit.signatures.length} signatures of ${validators.size} validators`);
  }
  const found: Signed[] = [];
  validators.validators.forEach((signer, index) => {
    const sig = commit.signatures[index]!;
    if (sig.flag === BLOCK_ID_FLAG_ABSENT) return;
    if (!equal(sig.address, signer.address)) invalid(`wrong address at index ${index}`);
    if (sig.flag === BLOCK_ID_FLAG_COMMIT) found.push({ signer, sig });
  });
  const needed = enoughOf(found, validators.totalPower, TWO_THIRDS);
  if (needed === undefined) invalid('not more than 2/3 of the power signed');
  checkSignatures(block, needed);
}

/** The first of `found` that have more than `level` of `total`; undefined when all do not. */
function enoughOf(
  found: readonly Signed[],
  total: bigint,
  { numerator, denominator }: TrustLevel,
): readonly Signed[] | undefined {
  const needed = (total * numerator) / denominator;
  let power = 0n;
  for (let count = 1; count <= found.length; count += 1) {
    power += found[count - 1]!.signer.power;
    if (power > needed) return found.slice(0, count);
  }
  return undefined;
}

function checkSignatures({ header, commit }: LightBlock, signed: readonly Signed[]): void {
  const { height, round, blockId } = commit;
  for (const { signer, sig } of signed) {
    const vote = { type: PRECOMMIT, height, round, blockId, time: sig.time } as const;
    const message = voteSignBytes(header.chainId, vote);
    if (!verifyEd25519(signer.pubKey, message, sig.signature)) {
      invalid(`wrong signature of ${toHex(signer.address)}`);
    }
  }
}
