/** The messages of settlement: validators' reports about L1 and their L1 signatures over batches. */
import type { Context } from '../../node/app/context.ts';
import type { AnyMessageHandler, Codec, MessageHandler } from '../../node/app/module.ts';
import { ACCOUNT_PREFIX } from '../../node/base/address.ts';
import { fromBech32 } from '../../node/base/bech32.ts';
import type { Bytes } from '../../node/base/bytes.ts';
import { toAmino, type AminoShape } from '../../node/base/amino.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { MAX_L1_FACTS_PER_MESSAGE } from '../../node/base/limits.ts';
import * as wire from '../../proto/gen/bitscale/settlement/v1/tx.ts';
import { ERR_ATTESTATION, ERR_LIMIT } from './errors.ts';
import type { SettlementKeeper } from './keeper.ts';
import { attestDeposit, attestProven, checkDeposit, checkProven } from './l1-facts.ts';

export const MSG_ATTEST_L1 = '/bitscale.settlement.v1.MsgAttestL1';
export const MSG_ATTEST_BATCH = '/bitscale.settlement.v1.MsgAttestBatch';

const HASH_BYTES = 32;
const SIGNATURE_BYTES = 65;

const DEPOSIT: AminoShape = {
  ...{ index: 'integer', token: 'number', amount: 'integer', ax: 'bytes', ay: 'bytes' },
};
const PROVEN: AminoShape = {
  ...{ batch: 'integer', rollingHash: 'bytes', txHash: 'bytes', l1Block: 'integer' },
};

function handler<M extends { validator: string }, R>(h: {
  typeUrl: string;
  codec: Codec<M>;
  response: Codec<R>;
  amino: { readonly type: string; readonly shape: AminoShape };
  validate: (message: M) => void;
  run: (context: Context, operator: Bytes, message: M) => R;
}): MessageHandler<M> {
  const operatorOf = (message: M): Bytes => fromBech32(ACCOUNT_PREFIX, message.validator);
  return {
    typeUrl: h.typeUrl,
    codec: h.codec,
    amino: { type: h.amino.type, toJson: (message) => toAmino(h.amino.shape, message) },
    signers: (message) => [operatorOf(message)],
    validate: h.validate,
    execute: (context, message) => ({
      typeUrl: `${h.typeUrl}Response`,
      value: h.response.encode(h.run(context, operatorOf(message), message)).finish(),
    }),
  };
}

export function settlementMessages(keeper: SettlementKeeper): AnyMessageHandler[] {
  const attestL1 = handler({
    typeUrl: MSG_ATTEST_L1,
    codec: wire.MsgAttestL1,
    response: wire.MsgAttestL1Response,
    amino: {
      type: 'bitscale/MsgAttestL1',
      shape: { validator: 'string', deposits: [DEPOSIT], proven: [PROVEN] },
    },
    validate: ({ deposits, proven }) => {
      const count = deposits.length + proven.length;
      if (count === 0 || count > MAX_L1_FACTS_PER_MESSAGE) {
        throw new BitscaleError(ERR_LIMIT, `1 to ${MAX_L1_FACTS_PER_MESSAGE} facts a message`);
      }
      deposits.forEach(checkDeposit);
      proven.forEach(checkProven);
    },
    run: (context, operator, { deposits, proven }) => {
      keeper.requireValidator(context, operator);
      for (const deposit of deposits) attestDeposit(context, keeper, operator, deposit);
      for (const fact of proven) attestProven(context, keeper, operator, fact);
      return {};
    },
  });

  const attestBatch = handler({
    typeUrl: MSG_ATTEST_BATCH,
    codec: wire.MsgAttestBatch,
    response: wire.MsgAttestBatchResponse,
    amino: {
      type: 'bitscale/MsgAttestBatch',
      shape: { validator: 'string', batch: 'integer', rollingHash: 'bytes', signature: 'bytes' },
    },
    validate: ({ rollingHash, signature }) => {
      if (rollingHash.length !== HASH_BYTES || signature.length !== SIGNATURE_BYTES) {
        throw new BitscaleError(ERR_ATTESTATION, 'rolling hash of 32 and signature of 65 bytes');
      }
    },
    run: (context, operator, message) => {
      keeper.attest(context, operator, message);
      return {};
    },
  });

  return [attestL1, attestBatch];
}
