/** Transactions that users of CosmJS sign: with a key, as a Ledger, several together, and for one another. */
import assert from 'node:assert/strict';
import {
  createMultisigThresholdPubkey,
  encodeSecp256k1Pubkey,
  pubkeyToAddress,
} from '@cosmjs/amino';
import type { EncodeObject, OfflineSigner } from '@cosmjs/proto-signing';
import {
  assertIsDeliverTxFailure,
  assertIsDeliverTxSuccess,
  calculateFee,
  coins,
  isDeliverTxSuccess,
  makeMultisignedTxBytes,
  QueryClient,
  setupAuthzExtension,
  setupFeegrantExtension,
  SigningStargateClient,
  type StdFee,
} from '@cosmjs/stargate';
import { connectComet } from '@cosmjs/tendermint-rpc';
import { GenericAuthorization } from 'cosmjs-types/cosmos/authz/v1beta1/authz';
import { MsgExec, MsgGrant, MsgRevoke } from 'cosmjs-types/cosmos/authz/v1beta1/tx';
import { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { BasicAllowance } from 'cosmjs-types/cosmos/feegrant/v1beta1/feegrant';
import { MsgGrantAllowance } from 'cosmjs-types/cosmos/feegrant/v1beta1/tx';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { accountText } from '../../../node/base/address.ts';
import { SOLO_CHAIN, startSoloNode, untilYes, type SoloNode } from '../../support/solo-node.ts';
import { addressOf, amino, connect, direct, FEE, MODES, send } from './wallets.ts';

const SEND_TYPE = '/cosmos.bank.v1beta1.MsgSend';
const BASIC_ALLOWANCE = '/cosmos.feegrant.v1beta1.BasicAllowance';

let fresh = 20;
const newAddress = (): string => accountText(new Uint8Array(20).fill(fresh++));

describe('clients: SigningStargateClient', () => {
  let solo: SoloNode;
  let address: string;
  let client: SigningStargateClient;
  const clients: SigningStargateClient[] = [];

  const connected = async (signer: OfflineSigner): Promise<SigningStargateClient> => {
    clients.push(await connect(solo, signer));
    return clients.at(-1)!;
  };
  const balance = async (of: string): Promise<bigint> =>
    BigInt((await client.getBalance(of, 'uscale')).amount);

  before(async () => {
    solo = await startSoloNode({ settings: { app: { minGasPrices: '0.001uscale' } } });
    const wallet = await direct(0);
    address = await addressOf(wallet);
    client = await connected(wallet);
  });
  after(async () => {
    for (const each of clients) each.disconnect();
    await solo.remove();
  });

  for (const [mode, wallet] of MODES) {
    it(`sendTokens in mode ${mode} moves coins and costs the fee`, async () => {
      const signer = await connected(await wallet(0));
      const [to, before] = [newAddress(), await balance(address)];
      const { sequence } = await signer.getSequence(address);
      const result = await signer.sendTokens(address, to, coins(77, 'uscale'), FEE, 'a <b> & ü');
      assertIsDeliverTxSuccess(result);
      assert.equal(await balance(to), 77n);
      assert.equal(await balance(address), before - 77n - 200n);
      assert.equal((await signer.getSequence(address)).sequence, sequence + 1);
    });

    it(`mode ${mode} takes a fee that it worked out itself, and a height to be in by`, async () => {
      const signer = await connected(await wallet(0));
      const to = newAddress();
      const until = BigInt(await signer.getHeight()) + 100n;
      for (const fee of ['auto', 1.6] as const) {
        const messages = [send(address, to, 1), send(address, to, 2)];
        const result = await signer.signAndBroadcast(address, messages, fee, '', until);
        assertIsDeliverTxSuccess(result);
        assert.equal(result.msgResponses.length, 2);
      }
      assert.equal(await balance(to), 6n);
    });
  }

  it('a simulation, which has no fee, changes nothing; the truth is at most 40 % above it', async () => {
    const [to, before] = [newAddress(), await client.getSequence(address)];
    const gas = await client.simulate(address, [send(address, to, 3)], 'memo');
    assert.deepEqual(await client.getSequence(address), before);
    assert.equal(await balance(to), 0n);
    const fee = calculateFee(Math.round(gas * 1.4), '0.001uscale');
    const result = await client.sendTokens(address, to, coins(3, 'uscale'), fee, 'memo');
    assertIsDeliverTxSuccess(result);
    assert.ok(Number(result.gasUsed) >= gas, `${gas} and ${result.gasUsed}`);
  });

  it('signAndBroadcastSync answers with the hash; two follow each other by sequence', async () => {
    const to = newAddress();
    const { accountNumber, sequence } = await client.getSequence(address);
    const hashes: string[] = [];
    for (const next of [sequence, sequence + 1]) {
      const data = { accountNumber, sequence: next, chainId: SOLO_CHAIN };
      const raw = await client.sign(address, [send(address, to, 1)], FEE, '', data);
      hashes.push(await client.broadcastTxSync(TxRaw.encode(raw).finish()));
    }
    assert.equal(new Set(hashes).size, 2);
    await untilYes(solo, async () => (await client.getTx(hashes[1]!)) !== null);
    assert.equal(await balance(to), 2n);
  });

  const tiny: StdFee = { amount: coins(200, 'uscale'), gas: '30000' };
  const REFUSED: [string, () => Promise<unknown>, number, RegExp][] = [
    [
      'a fee below the least',
      () => client.sendTokens(address, newAddress(), coins(1, 'uscale'), { ...FEE, amount: [] }),
      13,
      /insufficient fees; got: {2}required: 200uscale: insufficient fee/,
    ],
    [
      'a memo that is too long',
      () => client.sendTokens(address, newAddress(), coins(1, 'uscale'), FEE, 'x'.repeat(257)),
      12,
      /maximum number of characters is 256 but received 257/,
    ],
    [
      'a height to be in by that has passed',
      () => client.signAndBroadcast(address, [send(address, newAddress(), 1)], FEE, '', 1n),
      30,
      /timeout height/,
    ],
    [
      'gas that is not enough for the signature',
      () => client.sendTokens(address, newAddress(), coins(1, 'uscale'), { ...tiny, gas: '3000' }),
      11,
      /out of gas in location/,
    ],
    [
      'an amount of zero',
      () => client.sendTokens(address, newAddress(), coins(0, 'uscale'), FEE),
      10,
      /invalid coins/,
    ],
    [
      'an address of another chain',
      () => {
        const to = 'cosmos1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu';
        return client.sendTokens(address, to, coins(1, 'uscale'), FEE);
      },
      7,
      /invalid.*address/,
    ],
  ];
  for (const [name, broadcast, code, log] of REFUSED) {
    it(`refuses ${name} with code ${code}`, async () => {
      await assert.rejects(broadcast, (error: { code: number; codespace: string; log: string }) => {
        assert.deepEqual([error.code, error.codespace], [code, 'sdk'], error.log);
        assert.match(error.log, log);
        return true;
      });
    });
  }

  it('a message that runs out of gas costs the fee and does nothing', async () => {
    const [to, before] = [newAddress(), await balance(address)];
    const gas = await client.simulate(address, [send(address, to, 1)], '');
    const fee = { amount: coins(200, 'uscale'), gas: String(Math.round(gas * 0.9)) };
    const result = await client.sendTokens(address, to, coins(1, 'uscale'), fee);
    assertIsDeliverTxFailure(result);
    assert.equal(result.code, 11);
    assert.equal(await balance(to), 0n);
    assert.equal(await balance(address), before - 200n);
  });

  it('two of three sign together by makeMultisignedTxBytes; one of them is not enough', async () => {
    const wallet = await amino(1, 2, 3);
    const members = await wallet.getAccounts();
    const keys = members.map(({ pubkey }) => encodeSecp256k1Pubkey(pubkey));
    const group = createMultisigThresholdPubkey(keys, 2);
    const account = pubkeyToAddress(group, 'bitscale');
    await client.sendTokens(address, account, coins(1000, 'uscale'), FEE);
    const to = newAddress();
    const { accountNumber, sequence } = await client.getSequence(account);
    const data = { accountNumber, sequence, chainId: SOLO_CHAIN };
    const signer = await SigningStargateClient.offline(wallet);
    const signed = await Promise.all(
      members.map((member) => signer.sign(member.address, [send(account, to, 5)], FEE, '', data)),
    );
    const together = (chosen: readonly number[]): Uint8Array => {
      const signatures = new Map(
        chosen.map((i) => [members[i]!.address, signed[i]!.signatures[0]!]),
      );
      return makeMultisignedTxBytes(group, sequence, FEE, signed[0]!.bodyBytes, signatures);
    };
    await assert.rejects(client.broadcastTx(together([1])), /unauthorized/);
    const result = await client.broadcastTx(together([0, 2]), 30_000, 50);
    assert.ok(isDeliverTxSuccess(result), result.rawLog);
    assert.equal(await balance(to), 5n);
    const known = await client.getAccount(account);
    assert.deepEqual([known?.pubkey?.type, known?.sequence], [group.type, 1]);
  });

  it('one account acts for another by authz, until it is revoked', async () => {
    const deputy = await connected(await direct(4));
    const grantee = await addressOf(await direct(4));
    const to = newAddress();
    await client.sendTokens(address, grantee, coins(1000, 'uscale'), FEE);
    const authorization = {
      typeUrl: '/cosmos.authz.v1beta1.GenericAuthorization',
      value: GenericAuthorization.encode({ msg: SEND_TYPE }).finish(),
    };
    const grant = MsgGrant.fromPartial({ granter: address, grantee, grant: { authorization } });
    const granted = { typeUrl: MsgGrant.typeUrl, value: grant };
    assertIsDeliverTxSuccess(await client.signAndBroadcast(address, [granted], FEE));
    const query = QueryClient.withExtensions(await connectComet(solo.url), setupAuthzExtension);
    const { grants } = await query.authz.grants(address, grantee, SEND_TYPE);
    assert.deepEqual(grants[0]?.authorization, authorization);
    const inner = { fromAddress: address, toAddress: to, amount: coins(9, 'uscale') };
    const msgs = [{ typeUrl: SEND_TYPE, value: MsgSend.encode(inner).finish() }];
    const exec: EncodeObject = { typeUrl: MsgExec.typeUrl, value: { grantee, msgs } };
    assertIsDeliverTxSuccess(await deputy.signAndBroadcast(grantee, [exec], FEE));
    assert.equal(await balance(to), 9n);
    const revoke = { granter: address, grantee, msgTypeUrl: SEND_TYPE };
    const revoked = { typeUrl: MsgRevoke.typeUrl, value: revoke };
    assertIsDeliverTxSuccess(await client.signAndBroadcast(address, [revoked], FEE));
    const late = await deputy.signAndBroadcast(grantee, [exec], FEE);
    assertIsDeliverTxFailure(late);
    assert.match(late.rawLog ?? '', /authorization not found/);
  });

  it('the fee granter pays for one who has nothing but a grant', async () => {
    const guest = await connected(await direct(5));
    const grantee = await addressOf(await direct(5));
    await client.sendTokens(address, grantee, coins(1, 'uscale'), FEE);
    const limit = BasicAllowance.fromPartial({ spendLimit: coins(300, 'uscale') });
    const allowance = { typeUrl: BASIC_ALLOWANCE, value: BasicAllowance.encode(limit).finish() };
    const value = { granter: address, grantee, allowance };
    const granted = { typeUrl: MsgGrantAllowance.typeUrl, value };
    assertIsDeliverTxSuccess(await client.signAndBroadcast(address, [granted], FEE));
    const [to, before] = [newAddress(), await balance(address)];
    const fee = { ...FEE, granter: address };
    assertIsDeliverTxSuccess(await guest.sendTokens(grantee, to, coins(1, 'uscale'), fee));
    assert.equal(await balance(address), before - 200n);
    assert.equal(await balance(grantee), 0n);
    const query = QueryClient.withExtensions(await connectComet(solo.url), setupFeegrantExtension);
    const left = await query.feegrant.allowance(address, grantee);
    const rest = BasicAllowance.decode(left.allowance!.allowance!.value);
    assert.deepEqual(rest.spendLimit, coins(100, 'uscale'));
    await assert.rejects(
      guest.sendTokens(grantee, to, coins(1, 'uscale'), fee),
      /fee limit exceeded/,
    );
  });
});
