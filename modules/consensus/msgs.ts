/** MsgUpdateParams: for the authority only. */
import { MsgUpdateParams, MsgUpdateParamsResponse } from 'cosmjs-types/cosmos/consensus/v1/tx';
import type { AddressText } from '../../node/app/address-text.ts';
import { requireAuthority, type Authority } from '../../node/app/authority.ts';
import {
  PARAMS_STORE,
  readConsensusParams,
  writeConsensusParams,
} from '../../node/app/chain-record.ts';
import type { MessageHandler } from '../../node/app/module.ts';
import { readParams } from './params.ts';

const integer = (value: bigint): string | undefined => (value === 0n ? undefined : String(value));

export interface ConsensusOptions {
  readonly addresses: AddressText;
  readonly authority: Authority;
}

export function updateParams(options: ConsensusOptions): MessageHandler<MsgUpdateParams> {
  const { addresses } = options;
  return {
    typeUrl: '/cosmos.consensus.v1.MsgUpdateParams',
    codec: MsgUpdateParams,
    amino: {
      type: 'cosmos-sdk/x/consensus/MsgUpdateParams',
      toJson(message) {
        // Only what may be executed has a form that can be signed.
        if (message.abci) return undefined;
        const { block, evidence, validator } = readParams(message);
        return {
          authority: message.authority,
          block: { max_bytes: integer(block.maxBytes), max_gas: integer(block.maxGas) },
          evidence: {
            max_age_num_blocks: integer(evidence.maxAgeNumBlocks),
            max_age_duration: integer(evidence.maxAgeDurationNanos),
            max_bytes: integer(evidence.maxBytes),
          },
          validator: { pub_key_types: validator.pubKeyTypes },
        };
      },
    },
    signers: ({ authority }) => [addresses.read(authority)],
    validate: (message) => void readParams(message),
    execute(context, message) {
      requireAuthority(context, options, message.authority);
      const store = context.store(PARAMS_STORE);
      const { version } = readConsensusParams(store);
      writeConsensusParams(store, { ...readParams(message), version });
      const value = MsgUpdateParamsResponse.encode({}).finish();
      return { typeUrl: '/cosmos.consensus.v1.MsgUpdateParamsResponse', value };
    },
  };
}
