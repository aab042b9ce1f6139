/** Chains of really signed light blocks, with the validator sets a test asks for. */
import { EMPTY } from '../../../node/base/bytes.ts';
import { ed25519PublicKey, signEd25519 } from '../../../node/base/ed25519.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { ZERO_TIME } from '../../../node/base/time.ts';
import { headerHash } from '../../../node/consensus/hashing.ts';
import {
  BLOCK_PROTOCOL,
  ONE_THIRD,
  type LightBlock,
  type LightOptions,
} from '../../../node/consensus/light.ts';
import { voteSignBytes } from '../../../node/consensus/sign-bytes.ts';
import { PRECOMMIT, type Header } from '../../../node/consensus/types.ts';
import { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import { NIL_BLOCK_ID } from '../../../node/consensus/votes.ts';

const CHAIN_ID = 'light-1';
const START = 1_700_000_000n;
const HOUR = 3_600_000_000_000n;

export const NOW_OPTIONS: LightOptions = {
  now: { seconds: START + 10_000n, nanos: 0 },
  trustingPeriodNanos: 24n * HOUR,
  maxClockDriftNanos: 10_000_000_000n,
  trustLevel: ONE_THIRD,
  blockVersion: BLOCK_PROTOCOL,
};

interface Key {
  readonly seed: Uint8Array;
  readonly pubKey: Uint8Array;
  readonly address: Uint8Array;
}

const keys = new Map<number, Key>();

function keyOf(index: number): Key {
  const known = keys.get(index);
  if (known !== undefined) return known;
  const seed = sha256(Uint8Array.of(7, index >> 8, index & 255));
  const pubKey = ed25519PublicKey(seed);
  const key = { seed, pubKey, address: sha256(pubKey).slice(0, 20) };
  keys.set(index, key);
  return key;
}

/** A validator of a set: which key, and its power. */
export interface Member {
  readonly key: number;
  readonly power: bigint;
}

export function setOfMembers(members: readonly Member[]): ValidatorSet {
  const validators = members.map(({ key, power }) => {
    const { pubKey, address } = keyOf(key);
    return { pubKey, address, power };
  });
  return ValidatorSet.create(validators);
}

function setOf(members: readonly number[]): ValidatorSet {
  return setOfMembers(members.map((key) => ({ key, power: 10n })));
}

const HASH = sha256(EMPTY);

const ABSENT = { flag: 1, address: EMPTY, time: ZERO_TIME, signature: EMPTY } as const;

/** The header with the commit of those of `validators` whose keys are among `signers`. */
export function signedBlock(
  header: Header,
  validators: ValidatorSet,
  signers: readonly number[],
): LightBlock {
  const { height, time } = header;
  const blockId = { hash: headerHash(header), parts: { total: 1, hash: HASH } };
  const byAddress = new Map(signers.map(keyOf).map((key) => [key.address.toString(), key.seed]));
  const vote = { type: PRECOMMIT, height, round: 0, blockId, time } as const;
  const message = voteSignBytes(header.chainId, vote);
  const signatures = validators.validators.map(({ address }) => {
    const seed = byAddress.get(address.toString());
    if (seed === undefined) return ABSENT;
    return { flag: 2 as const, address, time, signature: signEd25519(seed, message) };
  });
  return { header, commit: { height, round: 0, blockId, signatures }, validators };
}

/** Heights 1 to `length`; `members` names the validators of a height. */
export function chainOfBlocks(
  length: number,
  members: (height: number) => readonly number[],
): Map<number, LightBlock> {
  const blocks = new Map<number, LightBlock>();
  for (let height = 1; height <= length; height += 1) {
    const validators = setOf(members(height));
    const header: Header = {
      version: { block: BLOCK_PROTOCOL, app: 0n },
      chainId: CHAIN_ID,
      height,
      time: { seconds: START + BigInt(height), nanos: 0 },
      lastBlockId: NIL_BLOCK_ID,
      lastCommitHash: HASH,
      dataHash: HASH,
      validatorsHash: validators.hash(),
      nextValidatorsHash: setOf(members(height + 1)).hash(),
      consensusHash: HASH,
      appHash: sha256(Uint8Array.of(height & 255)),
      lastResultsHash: HASH,
      evidenceHash: HASH,
      proposerAddress: validators.proposer.address,
    };
    blocks.set(height, signedBlock(header, validators, members(height)));
  }
  return blocks;
}
