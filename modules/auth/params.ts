/** What transactions cost and how large they may be. */
import { Params } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import type { Bytes } from '../../node/base/bytes.ts';
import type { TxParams } from '../../node/app/expected.ts';

export const DEFAULT_PARAMS: TxParams = {
  maxMemoCharacters: 256n,
  txSigLimit: 7n,
  txSizeCostPerByte: 10n,
  sigVerifyCostEd25519: 590n,
  sigVerifyCostSecp256k1: 1000n,
};

/** By the name of the genesis file: what work may not cost less than, or blocks would outlast their gas. */
const LEAST: readonly [string, keyof TxParams, bigint][] = [
  ['max_memo_characters', 'maxMemoCharacters', 1n],
  ['tx_sig_limit', 'txSigLimit', 1n],
  ['tx_size_cost_per_byte', 'txSizeCostPerByte', DEFAULT_PARAMS.txSizeCostPerByte],
  ['sig_verify_cost_ed25519', 'sigVerifyCostEd25519', 1n],
  ['sig_verify_cost_secp256k1', 'sigVerifyCostSecp256k1', DEFAULT_PARAMS.sigVerifyCostSecp256k1],
];

/** What is wrong with them, if anything. */
export function faultOf(params: TxParams): string | undefined {
  const low = LEAST.find(([, field, least]) => params[field] < least);
  return low && `${low[0]} must be at least ${low[2]}`;
}

export function encodeParams(params: TxParams): Bytes {
  return Params.encode(toParams(params)).finish();
}

export function toParams(params: TxParams): Params {
  const { maxMemoCharacters, txSigLimit, txSizeCostPerByte } = params;
  const { sigVerifyCostEd25519, sigVerifyCostSecp256k1 } = params;
  return Params.fromPartial({
    ...{ maxMemoCharacters, txSigLimit, txSizeCostPerByte },
    ...{ sigVerifyCostEd25519, sigVerifyCostSecp256k1 },
  });
}

export function decodeParams(bytes: Bytes): TxParams {
  return Params.decode(bytes);
}

export function writeParams(params: TxParams): Record<string, string> {
  return Object.fromEntries(LEAST.map(([name, field]) => [name, String(params[field])]));
}
