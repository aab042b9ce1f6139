/** Every message of the chain that CosmJS can sign, in both modes, and signers that change what they sign. */
import assert from 'node:assert/strict';
import type { AminoSignResponse, StdSignDoc } from '@cosmjs/amino';
import {
  DirectSecp256k1HdWallet,
  decodeTxRaw,
  Registry,
  type DirectSignResponse,
  type EncodeObject,
  type OfflineSigner,
} from '@cosmjs/proto-signing';
import {
  AminoTypes,
  assertIsDeliverTxSuccess,
  coins,
  createDefaultAminoConverters,
  defaultRegistryTypes,
  SigningStargateClient,
} from '@cosmjs/stargate';
import { GenericAuthorization } from 'cosmjs-types/cosmos/authz/v1beta1/authz';
import { MsgMultiSend, MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { BasicAllowance } from 'cosmjs-types/cosmos/feegrant/v1beta1/feegrant';
import { AuthInfo, TxBody, TxRaw, type SignDoc } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { MsgCreateVestingAccount } from 'cosmjs-types/cosmos/vesting/v1beta1/tx';
import { accountText } from '../../../node/base/address.ts';
import { startSoloNode, type SoloNode } from '../../support/solo-node.ts';
import { addressOf, amino, connect, direct, FEE, MODES, options, send } from './wallets.ts';
import { TEST_MNEMONIC } from '../../../genesis/local-keys.ts';

const CHANGED = { amount: coins(3000, 'uscale'), gas: '333333' };
const NOTE = 'This was modified';

let fresh = 60;
const newAddress = (): string => accountText(new Uint8Array(20).fill(fresh++));

/** Both change memo and fee before they sign, as wallets do when their user asks for it. */
async function changingDirect(): Promise<OfflineSigner> {
  const wallet = await DirectSecp256k1HdWallet.fromMnemonic(TEST_MNEMONIC, options([0]));
  const signDirect = (address: string, doc: SignDoc): Promise<DirectSignResponse> => {
    const body = TxBody.decode(doc.bodyBytes);
    const authInfo = AuthInfo.decode(doc.authInfoBytes);
    const fee = { ...authInfo.fee!, amount: CHANGED.amount, gasLimit: BigInt(CHANGED.gas) };
    return wallet.signDirect(address, {
      ...doc,
      bodyBytes: TxBody.encode({ ...body, memo: NOTE }).finish(),
      authInfoBytes: AuthInfo.encode({ ...authInfo, fee }).finish(),
    });
  };
  return { getAccounts: () => wallet.getAccounts(), signDirect };
}

async function changingAmino(): Promise<OfflineSigner> {
  const wallet = await amino(0);
  const signAmino = (address: string, doc: StdSignDoc): Promise<AminoSignResponse> =>
    wallet.signAmino(address, { ...doc, memo: NOTE, fee: CHANGED });
  return { getAccounts: () => wallet.getAccounts(), signAmino };
}

describe('clients: what CosmJS signs', () => {
  let solo: SoloNode;
  let address: string;
  const clients: SigningStargateClient[] = [];

  const connected = async (signer: OfflineSigner): Promise<SigningStargateClient> => {
    clients.push(await connect(solo, signer));
    return clients.at(-1)!;
  };

  before(async () => {
    solo = await startSoloNode();
    address = await addressOf(await direct(0));
  });
  after(async () => {
    for (const client of clients) client.disconnect();
    await solo.remove();
  });

  const ONE = coins(1, 'uscale');
  const MESSAGES: [string, () => EncodeObject][] = [
    ['MsgSend', () => send(address, newAddress(), 1)],
    [
      'MsgMultiSend',
      () => ({
        typeUrl: MsgMultiSend.typeUrl,
        value: {
          inputs: [{ address, coins: coins(2, 'uscale') }],
          outputs: [newAddress(), newAddress()].map((to) => ({ address: to, coins: ONE })),
        },
      }),
    ],
    ['MsgCreateVestingAccount', () => vesting({ delayed: true })],
  ];
  const vesting = (more: object): EncodeObject => ({
    typeUrl: MsgCreateVestingAccount.typeUrl,
    value: {
      fromAddress: address,
      toAddress: newAddress(),
      amount: ONE,
      endTime: 4_102_444_800n,
      ...more,
    },
  });
  for (const [mode, wallet] of MODES) {
    for (const [name, message] of MESSAGES) {
      it(`${name} in mode ${mode}, with a fee that was simulated`, async () => {
        const client = await connected(await wallet(0));
        const result = await client.signAndBroadcast(address, [message()], 'auto', 'Use it wisely');
        assertIsDeliverTxSuccess(result);
      });
    }
  }

  it('a vesting account is understood by getAccount, and its coins are there', async () => {
    const client = await connected(await direct(0));
    for (const delayed of [true, false]) {
      const toAddress = newAddress();
      const message = vesting({ toAddress, delayed });
      assertIsDeliverTxSuccess(await client.signAndBroadcast(address, [message], FEE));
      const account = await client.getAccount(toAddress);
      assert.deepEqual([account?.address, account?.sequence], [toAddress, 0]);
      assert.deepEqual(await client.getAllBalances(toAddress), ONE);
    }
  });

  for (const [mode, wallet] of [
    ['DIRECT', changingDirect],
    ['LEGACY_AMINO_JSON', changingAmino],
  ] as const) {
    it(`a signer in mode ${mode} may change memo and fee: what it signed counts`, async () => {
      const client = await connected(await wallet());
      const messages = [send(address, newAddress(), 1)];
      const signed = await client.sign(address, messages, FEE, 'as it was');
      const result = await client.broadcastTx(TxRaw.encode(signed).finish(), 30_000, 50);
      assertIsDeliverTxSuccess(result);
      const found = await client.getTx(result.transactionHash);
      const { body, authInfo } = decodeTxRaw(found!.tx);
      assert.equal(body.memo, NOTE);
      assert.deepEqual(authInfo.fee?.amount, CHANGED.amount);
      assert.deepEqual(found!.gasWanted, BigInt(CHANGED.gas));
    });

    it(`a registry of the user's own carries messages in mode ${mode}`, async () => {
      const signer = await (mode === 'DIRECT' ? direct(0) : amino(0));
      // Another name for each field, as users do who generate their own types.
      const mine = {
        encode: ({ payer, payee }: { payer: string; payee: string }) =>
          MsgSend.encode({ fromAddress: payer, toAddress: payee, amount: ONE }),
        decode: () => assert.fail('not needed'),
        fromPartial: (partial: object) => partial,
      };
      const registry = new Registry(defaultRegistryTypes);
      registry.register(MsgSend.typeUrl, mine as never);
      const aminoTypes = new AminoTypes({
        ...createDefaultAminoConverters(),
        [MsgSend.typeUrl]: {
          aminoType: 'cosmos-sdk/MsgSend',
          toAmino: ({ payer, payee }: { payer: string; payee: string }) => ({
            from_address: payer,
            to_address: payee,
            amount: ONE,
          }),
          fromAmino: (value: { from_address: string; to_address: string }) => ({
            payer: value.from_address,
            payee: value.to_address,
          }),
        },
      });
      const client = await SigningStargateClient.connectWithSigner(solo.url, signer, {
        registry,
        aminoTypes,
        broadcastPollIntervalMs: 50,
      });
      clients.push(client);
      const to = newAddress();
      const message = { typeUrl: MsgSend.typeUrl, value: { payer: address, payee: to } };
      assertIsDeliverTxSuccess(await client.signAndBroadcast(address, [message], FEE));
      assert.deepEqual(await client.getAllBalances(to), ONE);
    });
  }

  it('several messages of different modules go in one transaction, or none of them', async () => {
    const client = await connected(await direct(0));
    const grantee = newAddress();
    const authorization = {
      typeUrl: GenericAuthorization.typeUrl,
      value: GenericAuthorization.encode({ msg: MsgSend.typeUrl }).finish(),
    };
    const allowance = {
      typeUrl: BasicAllowance.typeUrl,
      value: BasicAllowance.encode(BasicAllowance.fromPartial({})).finish(),
    };
    const messages = [
      send(address, grantee, 1),
      {
        typeUrl: '/cosmos.authz.v1beta1.MsgGrant',
        value: { granter: address, grantee, grant: { authorization } },
      },
      {
        typeUrl: '/cosmos.feegrant.v1beta1.MsgGrantAllowance',
        value: { granter: address, grantee, allowance },
      },
    ];
    const result = await client.signAndBroadcast(address, messages, 1.5);
    assertIsDeliverTxSuccess(result);
    assert.equal(result.msgResponses.length, 3);
    const to = newAddress();
    const again = [send(address, to, 1), ...messages.slice(2)];
    const failed = await client.signAndBroadcast(address, again, FEE);
    assert.notEqual(failed.code, 0);
    assert.match(failed.rawLog ?? '', /message index: 1/);
    assert.deepEqual(await client.getAllBalances(to), []);
  });
});
