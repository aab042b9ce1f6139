/** Light blocks from the JSON of tendermint-rs's light client vectors. */
import { EMPTY, fromBase64, fromHex } from '../../../node/base/bytes.ts';
import { parseTime, ZERO_TIME } from '../../../node/base/time.ts';
import { BLOCK_PROTOCOL, untrustedSet, type LightBlock } from '../../../node/consensus/light.ts';
import type { BlockId, Commit, CommitSig, Header } from '../../../node/consensus/types.ts';
import type { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import { NIL_BLOCK_ID } from '../../../node/consensus/votes.ts';
import { setOfMembers, signedBlock } from './light-chain.ts';
import type { Json } from './vectors.ts';

const hex = (text: string | null): Uint8Array => fromHex((text ?? '').toLowerCase());

function blockId(json: Json): BlockId {
  if (json === null) return NIL_BLOCK_ID;
  const { total, hash } = json.part_set_header;
  return { hash: hex(json.hash), parts: { total, hash: hex(hash) } };
}

function header(json: Json): Header {
  return {
    version: { block: BigInt(json.version.block), app: BigInt(json.version.app) },
    chainId: json.chain_id,
    height: Number(json.height),
    time: parseTime(json.time),
    lastBlockId: blockId(json.last_block_id),
    lastCommitHash: hex(json.last_commit_hash),
    dataHash: hex(json.data_hash),
    validatorsHash: hex(json.validators_hash),
    nextValidatorsHash: hex(json.next_validators_hash),
    consensusHash: hex(json.consensus_hash),
    appHash: hex(json.app_hash),
    lastResultsHash: hex(json.last_results_hash),
    evidenceHash: hex(json.evidence_hash),
    proposerAddress: hex(json.proposer_address),
  };
}

function commitSig(json: Json): CommitSig {
  const { block_id_flag: flag, validator_address: address, timestamp, signature } = json;
  if (flag === 1) return { flag, address: EMPTY, time: ZERO_TIME, signature: EMPTY };
  return {
    flag,
    address: hex(address),
    time: parseTime(timestamp),
    signature: signature ? fromBase64(signature) : EMPTY,
  };
}

function commit(json: Json): Commit {
  return {
    height: Number(json.height),
    round: json.round,
    blockId: blockId(json.block_id),
    signatures: (json.signatures ?? []).map(commitSig),
  };
}

export function setOfJson(json: Json): ValidatorSet {
  return untrustedSet(
    (json.validators ?? []).map((one: Json) => ({
      address: hex(one.address),
      pubKey: fromBase64(one.pub_key.value),
      power: BigInt(one.voting_power),
      priority: 0n,
    })),
  );
}

export function signedHeaderOfJson(json: Json): { header: Header; commit: Commit } {
  return { header: header(json.header), commit: commit(json.commit) };
}

export function lightBlockOfJson(json: Json): LightBlock {
  return { ...signedHeaderOfJson(json.signed_header), validators: setOfJson(json.validator_set) };
}

/**
 * A light block of the bisection vectors. Those are older than the formats of today: their hashes and
 * signatures are amino's. What they say is kept (heights, times, sets, powers, who signed, and the verdict),
 * hashed and signed anew with own keys, one for each of the addresses.
 */
export function renewedLightBlocks(
  list: readonly Json[],
  keys: Map<string, number>,
): Map<number, LightBlock> {
  const keyOf = (address: string): number => {
    const known = keys.get(address) ?? keys.size;
    keys.set(address, known);
    return known;
  };
  const setOf = (json: Json): ValidatorSet =>
    setOfMembers(
      json.validators.map((one: Json) => ({
        key: keyOf(one.address),
        power: BigInt(one.voting_power),
      })),
    );
  const blocks = list.map((json) => {
    const old = signedHeaderOfJson(json.signed_header);
    const validators = setOf(json.validator_set);
    const renewed: Header = {
      ...old.header,
      version: { block: BLOCK_PROTOCOL, app: 0n },
      validatorsHash: validators.hash(),
      nextValidatorsHash: setOf(json.next_validator_set).hash(),
    };
    const signed = json.signed_header.commit.signatures.filter((one: Json) => {
      return one.block_id_flag === 2;
    });
    const signers = signed.map((one: Json) => keyOf(one.validator_address));
    return signedBlock(renewed, validators, signers);
  });
  return new Map(blocks.map((block) => [block.header.height, block]));
}
