/** Vesting accounts as users of CosmJS meet them: opened, read, spent from, on a real node. */
import assert from 'node:assert/strict';
import { DirectSecp256k1HdWallet, Registry, type OfflineSigner } from '@cosmjs/proto-signing';
import {
  AminoTypes,
  assertIsDeliverTxSuccess,
  coins,
  createDefaultAminoConverters,
  defaultRegistryTypes,
  SigningStargateClient,
} from '@cosmjs/stargate';
import {
  MsgCreatePeriodicVestingAccount,
  MsgCreatePermanentLockedAccount,
  MsgCreateVestingAccount,
} from 'cosmjs-types/cosmos/vesting/v1beta1/tx';
import { startSoloNode, type SoloNode } from '../../support/solo-node.ts';
import { addressOf, direct, FEE, MODES, send } from './wallets.ts';

const PACKAGE = '/cosmos.vesting.v1beta1';
const YEAR = 31_536_000;

const seconds = (): number => Math.floor(Date.now() / 1000);

/** CosmJS has an amino form of the first of the three messages only; these are the SDK's of the others. */
const converters = {
  [`${PACKAGE}.MsgCreatePermanentLockedAccount`]: {
    aminoType: 'cosmos-sdk/MsgCreatePermLockedAccount',
    toAmino: ({ fromAddress, toAddress, amount }: MsgCreatePermanentLockedAccount) => ({
      from_address: fromAddress,
      to_address: toAddress,
      amount,
    }),
    fromAmino: ({ from_address, to_address, amount }: Record<string, never>) => ({
      fromAddress: from_address,
      toAddress: to_address,
      amount,
    }),
  },
  [`${PACKAGE}.MsgCreatePeriodicVestingAccount`]: {
    aminoType: 'cosmos-sdk/MsgCreatePeriodVestAccount',
    toAmino: (message: MsgCreatePeriodicVestingAccount) => ({
      from_address: message.fromAddress,
      to_address: message.toAddress,
      start_time: String(message.startTime),
      vesting_periods: message.vestingPeriods.map(({ length, amount }) => ({
        length: String(length),
        amount,
      })),
    }),
    fromAmino: (value: {
      from_address: string;
      to_address: string;
      start_time: string;
      vesting_periods: { length: string; amount: { denom: string; amount: string }[] }[];
    }) => ({
      fromAddress: value.from_address,
      toAddress: value.to_address,
      startTime: BigInt(value.start_time),
      vestingPeriods: value.vesting_periods.map(({ length, amount }) => ({
        length: BigInt(length),
        amount,
      })),
    }),
  },
};

describe('clients: vesting accounts', () => {
  let solo: SoloNode;
  let address: string;
  const clients: SigningStargateClient[] = [];

  const connected = async (signer: OfflineSigner): Promise<SigningStargateClient> => {
    const registry = new Registry([
      ...defaultRegistryTypes,
      [MsgCreatePeriodicVestingAccount.typeUrl, MsgCreatePeriodicVestingAccount],
      [MsgCreatePermanentLockedAccount.typeUrl, MsgCreatePermanentLockedAccount],
    ]);
    const aminoTypes = new AminoTypes({ ...createDefaultAminoConverters(), ...converters });
    const options = { registry, aminoTypes, broadcastPollIntervalMs: 50 };
    clients.push(await SigningStargateClient.connectWithSigner(solo.url, signer, options));
    return clients.at(-1)!;
  };

  const rest = async (path: string): Promise<any> => {
    const base = `http://127.0.0.1:${solo.node.config.api.port}/cosmos/`;
    return (await fetch(base + path)).json();
  };

  /** A wallet nobody has used, with an address of this chain. */
  const fresh = (): Promise<OfflineSigner> =>
    DirectSecp256k1HdWallet.generate(12, { prefix: 'bitscale' });

  before(async () => {
    solo = await startSoloNode();
    address = await addressOf(await direct(0));
  });
  after(async () => {
    for (const client of clients) client.disconnect();
    await solo.remove();
  });

  for (const [mode, wallet] of MODES) {
    it(`mode ${mode}: a delayed account is read, keeps its coins, and spends what it is sent`, async () => {
      const funder = await connected(await wallet(0));
      const owner = await fresh();
      const toAddress = await addressOf(owner);
      const value = MsgCreateVestingAccount.fromPartial({
        ...{ fromAddress: address, toAddress, amount: coins(5000, 'uscale') },
        ...{ endTime: BigInt(seconds() + YEAR), delayed: true },
      });
      const message = { typeUrl: MsgCreateVestingAccount.typeUrl, value };
      assertIsDeliverTxSuccess(await funder.signAndBroadcast(address, [message], FEE));
      assertIsDeliverTxSuccess(
        await funder.sendTokens(address, toAddress, coins(500, 'uscale'), FEE),
      );

      const client = await connected(owner);
      const account = await client.getAccount(toAddress);
      assert.deepEqual([account?.address, account?.sequence], [toAddress, 0]);
      assert.equal((await client.getBalance(toAddress, 'uscale')).amount, '5500');
      const spend = (amount: number) =>
        client.signAndBroadcast(toAddress, [send(toAddress, address, amount)], FEE);
      const refused = await spend(301);
      assert.equal(refused.code, 5);
      assert.match(refused.rawLog ?? '', /spendable balance 300uscale is smaller than 301uscale/);
      assertIsDeliverTxSuccess(await spend(100));
      const after = await client.getAccount(toAddress);
      assert.equal(after?.sequence, 2);
      const { account: shown } = await rest(`auth/v1beta1/accounts/${toAddress}`);
      assert.equal(shown['@type'], `${PACKAGE}.DelayedVestingAccount`);
      const { base_account: base, original_vesting: original } = shown['base_vesting_account'];
      assert.deepEqual([base.address, base.sequence], [toAddress, '2']);
      assert.deepEqual(original, [{ denom: 'uscale', amount: '5000' }]);
      const { balances } = await rest(`bank/v1beta1/spendable_balances/${toAddress}`);
      assert.deepEqual(balances, [{ denom: 'uscale', amount: '0' }]);
      assert.equal(after?.pubkey?.type, 'tendermint/PubKeySecp256k1');
    });

    it(`mode ${mode}: periods that are over are free, the others are not; never means never`, async () => {
      const funder = await connected(await wallet(0));
      const [owner, other] = [await fresh(), await fresh()];
      const [periodic, permanent] = [await addressOf(owner), await addressOf(other)];
      const messages = [
        {
          typeUrl: MsgCreatePeriodicVestingAccount.typeUrl,
          value: MsgCreatePeriodicVestingAccount.fromPartial({
            ...{ fromAddress: address, toAddress: periodic },
            startTime: BigInt(seconds() - YEAR),
            vestingPeriods: [
              { length: BigInt(YEAR / 2), amount: coins(700, 'uscale') },
              { length: BigInt(YEAR), amount: coins(300, 'uscale') },
            ],
          }),
        },
        {
          typeUrl: MsgCreatePermanentLockedAccount.typeUrl,
          value: MsgCreatePermanentLockedAccount.fromPartial({
            ...{ fromAddress: address, toAddress: permanent, amount: coins(9, 'uscale') },
          }),
        },
      ];
      assertIsDeliverTxSuccess(await funder.signAndBroadcast(address, messages, FEE));
      const client = await connected(owner);
      assert.equal((await client.getAccount(periodic))?.sequence, 0);
      const move = (amount: number) =>
        client.signAndBroadcast(periodic, [send(periodic, address, amount)], FEE);
      assert.equal((await move(501)).code, 5);
      assertIsDeliverTxSuccess(await move(300));
      assert.equal((await client.getBalance(permanent, 'uscale')).amount, '9');
      // CosmJS knows no such account.
      await assert.rejects(
        client.getAccount(permanent),
        /Unsupported type.*PermanentLockedAccount/,
      );
    });
  }

  it('a continuous account frees its coins as the blocks go by', async () => {
    const funder = await connected(await direct(0));
    const owner = await fresh();
    const toAddress = await addressOf(owner);
    const value = MsgCreateVestingAccount.fromPartial({
      ...{ fromAddress: address, toAddress, amount: coins(1_000_000, 'uscale') },
      ...{ endTime: BigInt(seconds() + 6), delayed: false },
    });
    const message = { typeUrl: MsgCreateVestingAccount.typeUrl, value };
    assertIsDeliverTxSuccess(await funder.signAndBroadcast(address, [message], FEE));
    const client = await connected(owner);
    const end = value.endTime * 1000n;
    for (;;) {
      const { header } = await client.getBlock();
      if (BigInt(Date.parse(header.time)) > end) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const all = send(toAddress, address, 1_000_000 - 200);
    assertIsDeliverTxSuccess(await client.signAndBroadcast(toAddress, [all], FEE));
  });
});
