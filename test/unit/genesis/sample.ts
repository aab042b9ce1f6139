/** A local genesis file with three validators, to be broken by tests. */
import { formatGenesis, localGenesis, type LocalNetwork } from '../../../genesis/local.ts';
import {
  accountKey,
  localValidator,
  seedOf,
  TEST_MNEMONIC,
  validatorKeys,
} from '../../../genesis/local-keys.ts';

export interface Json {
  [key: string]: any;
}

export async function sampleNetwork(): Promise<LocalNetwork> {
  const seed = await seedOf(TEST_MNEMONIC);
  return {
    chainId: 'bitscale-test-1',
    time: { seconds: 1_700_000_000n, nanos: 5 },
    validators: [0, 1, 2].map((i) => localValidator(validatorKeys(seed, i), i)),
    accounts: [0, 1].map((i) => accountKey(seed, i).address),
    ledger: {
      shape: { depth: 8, slots: 3, quotes: 1, feeTokens: 4 },
      domain: new Uint8Array(32).fill(1),
      tokens: [
        { id: 1, symbol: 'USDC', decimals: 6 },
        { id: 2, symbol: 'EURC', decimals: 6 },
      ],
    },
    settlement: {
      l1ChainId: 31_337n,
      rollup: new Uint8Array(20),
      maxBatchAgeSeconds: 5,
      provingIntervalSeconds: 20,
      stakePrice: 1n,
    },
  };
}

export async function sampleGenesis(): Promise<Json> {
  return JSON.parse(formatGenesis(localGenesis(await sampleNetwork()))) as Json;
}
