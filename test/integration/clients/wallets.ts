/** Wallets of the test mnemonic in stock CosmJS clients, and the messages that they sign. */
import { Secp256k1HdWallet } from '@cosmjs/amino';
import { stringToPath } from '@cosmjs/crypto';
import {
  DirectSecp256k1HdWallet,
  type EncodeObject,
  type OfflineSigner,
} from '@cosmjs/proto-signing';
import { coins, GasPrice, SigningStargateClient, type StdFee } from '@cosmjs/stargate';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { TEST_MNEMONIC } from '../../../genesis/local-keys.ts';
import type { SoloNode } from '../../support/solo-node.ts';

export const FEE: StdFee = { amount: coins(200, 'uscale'), gas: '200000' };

export function options(indexes: readonly number[]) {
  return {
    prefix: 'bitscale',
    hdPaths: indexes.map((index) => stringToPath(`m/44'/118'/0'/0/${index}`)),
  };
}

export const direct = (...indexes: number[]): Promise<OfflineSigner> =>
  DirectSecp256k1HdWallet.fromMnemonic(TEST_MNEMONIC, options(indexes));

/** Signs as a Ledger does. */
export const amino = (...indexes: number[]): Promise<Secp256k1HdWallet> =>
  Secp256k1HdWallet.fromMnemonic(TEST_MNEMONIC, options(indexes));

/** The two ways to sign, each with a wallet of the account of this index. */
export const MODES: readonly (readonly [string, (index: number) => Promise<OfflineSigner>])[] = [
  ['DIRECT', direct],
  ['LEGACY_AMINO_JSON', amino],
];

export async function addressOf(signer: OfflineSigner): Promise<string> {
  return (await signer.getAccounts())[0]!.address;
}

export function connect({ url }: SoloNode, signer: OfflineSigner): Promise<SigningStargateClient> {
  return SigningStargateClient.connectWithSigner(url, signer, {
    gasPrice: GasPrice.fromString('0.001uscale'),
    broadcastPollIntervalMs: 50,
  });
}

export function send(from: string, to: string, amount: number | string): EncodeObject {
  const value = { fromAddress: from, toAddress: to, amount: coins(amount, 'uscale') };
  return { typeUrl: '/cosmos.bank.v1beta1.MsgSend', value };
}

export async function signedBytes(
  client: SigningStargateClient,
  signer: string,
  messages: readonly EncodeObject[],
  fee = FEE,
): Promise<Uint8Array> {
  return TxRaw.encode(await client.sign(signer, messages, fee, '')).finish();
}
