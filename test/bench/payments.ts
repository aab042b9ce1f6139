/** Bank sends of the well-known accounts, signed before the clock runs. */
import { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { QueryAccountRequest, QueryAccountResponse } from 'cosmjs-types/cosmos/auth/v1beta1/query';
import { BaseAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { AuthInfo, SignDoc, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { accountKey, seedOf, TEST_MNEMONIC, type AccountKey } from '../../genesis/local-keys.ts';
import { accountText } from '../../node/base/address.ts';
import { sha256 } from '../../node/base/hash.ts';
import { signSecp256k1 } from '../../node/base/secp256k1.ts';
import { LOCAL_CHAIN_ID } from '../../node/cli/localnet/layout.ts';
import type { Rpc } from './rpc.ts';

const GAS_LIMIT = 120_000n;
const FEE = [{ denom: 'uscale', amount: '120' }];

export interface Payer {
  readonly key: AccountKey;
  readonly address: string;
  readonly accountNumber: bigint;
  sequence: bigint;
}

export async function payers(rpc: Rpc, count: number): Promise<Payer[]> {
  const seed = await seedOf(TEST_MNEMONIC);
  const found: Payer[] = [];
  for (let index = 0; index < count; index++) {
    const key = accountKey(seed, index);
    const address = accountText(key.address);
    const request = QueryAccountRequest.encode({ address }).finish();
    const answer = await rpc.query('/cosmos.auth.v1beta1.Query/Account', request);
    const { account } = QueryAccountResponse.decode(answer);
    if (!account) throw new Error(`${address} has no account`);
    const { accountNumber, sequence } = BaseAccount.decode(account.value);
    found.push({ key, address, accountNumber, sequence });
  }
  return found;
}

/** One signed send; counts the payer's sequence up. */
export function signSend(payer: Payer, toAddress: string): Uint8Array {
  const value = MsgSend.encode({
    fromAddress: payer.address,
    toAddress,
    amount: [{ denom: 'uscale', amount: '1' }],
  }).finish();
  const messages = [{ typeUrl: '/cosmos.bank.v1beta1.MsgSend', value }];
  const bodyBytes = TxBody.encode(TxBody.fromPartial({ messages })).finish();
  const authInfoBytes = AuthInfo.encode(
    AuthInfo.fromPartial({
      signerInfos: [
        {
          publicKey: {
            typeUrl: '/cosmos.crypto.secp256k1.PubKey',
            value: PubKey.encode({ key: payer.key.publicKey }).finish(),
          },
          modeInfo: { single: { mode: SignMode.SIGN_MODE_DIRECT } },
          sequence: payer.sequence,
        },
      ],
      fee: { amount: FEE, gasLimit: GAS_LIMIT },
    }),
  ).finish();
  const { accountNumber } = payer;
  const document = { bodyBytes, authInfoBytes, chainId: LOCAL_CHAIN_ID, accountNumber };
  const signBytes = SignDoc.encode(SignDoc.fromPartial(document)).finish();
  const signature = signSecp256k1(payer.key.privateKey, sha256(signBytes));
  payer.sequence += 1n;
  return TxRaw.encode({ bodyBytes, authInfoBytes, signatures: [signature] }).finish();
}

/** `rounds` lists of one send per payer, each to the next payer of the list. */
export function signRounds(all: readonly Payer[], rounds: number): Uint8Array[][] {
  return Array.from({ length: rounds }, (_, round) =>
    all.map((payer, i) => signSend(payer, (all[(i + 1 + round) % all.length] as Payer).address)),
  );
}
