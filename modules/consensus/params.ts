/** Consensus parameters as a message carries them; the rules are those of the genesis file. */
import type { MsgUpdateParams } from 'cosmjs-types/cosmos/consensus/v1/tx';
import { BitscaleError } from '../../node/base/errors.ts';
import { MAX_BLOCK_BYTES } from '../../node/base/limits.ts';
import { INVALID_REQUEST } from '../../node/base/sdk-errors.ts';
import type { ConsensusParams } from '../../node/app/abci.ts';
import { readDuration } from '../../node/app/proto-time.ts';

export type NewParams = Omit<ConsensusParams, 'version'>;

const wrong = (detail: string): BitscaleError => new BitscaleError(INVALID_REQUEST, detail);

/** Throws sdk/18 on parameters that no chain may have. */
export function readParams(message: MsgUpdateParams): NewParams {
  const { block, evidence, validator, abci } = message;
  if (!block || !evidence || !validator) throw wrong('all parameters must be present');
  if (abci && abci.voteExtensionsEnableHeight !== 0n) {
    throw wrong('this chain has no vote extensions');
  }
  const params = {
    block: { maxBytes: block.maxBytes, maxGas: block.maxGas },
    evidence: {
      maxAgeNumBlocks: evidence.maxAgeNumBlocks,
      maxAgeDurationNanos: evidence.maxAgeDuration ? readDuration(evidence.maxAgeDuration) : 0n,
      maxBytes: evidence.maxBytes,
    },
    validator: { pubKeyTypes: [...validator.pubKeyTypes] },
  };
  checkParams(params);
  return params;
}

function checkParams({ block, evidence, validator }: NewParams): void {
  const { maxBytes, maxGas } = block;
  if (maxBytes < 1n || maxBytes > BigInt(MAX_BLOCK_BYTES)) {
    throw wrong(`block.MaxBytes must be 1 to ${MAX_BLOCK_BYTES}. Got ${maxBytes}`);
  }
  if (maxGas < -1n) throw wrong(`block.MaxGas must be greater or equal to -1. Got ${maxGas}`);
  const { maxAgeNumBlocks, maxAgeDurationNanos } = evidence;
  if (maxAgeNumBlocks <= 0n) {
    throw wrong(`evidence.MaxAgeNumBlocks must be greater than 0. Got ${maxAgeNumBlocks}`);
  }
  if (maxAgeDurationNanos <= 0n) {
    throw wrong(
      `evidence.MaxAgeDuration must be greater than 0 if provided, Got ${maxAgeDurationNanos}ns`,
    );
  }
  if (evidence.maxBytes < 0n || evidence.maxBytes > maxBytes) {
    throw wrong(`evidence.MaxBytes must be 0 to ${maxBytes}. Got ${evidence.maxBytes}`);
  }
  const { pubKeyTypes } = validator;
  if (pubKeyTypes.length !== 1 || pubKeyTypes[0] !== 'ed25519') {
    throw wrong('Validator.PubKeyTypes must be ed25519 alone');
  }
}
