/** CosmJS's query clients of the modules, and the ones of cosmjs-types, over abci_query of a real node. */
import assert from 'node:assert/strict';
import {
  assertIsDeliverTxSuccess,
  coin,
  coins,
  createProtobufRpcClient,
  QueryClient,
  setupAuthExtension,
  setupAuthzExtension,
  setupBankExtension,
  setupFeegrantExtension,
  setupGovExtension,
  setupStakingExtension,
  setupTxExtension,
  type DeliverTxResponse,
  type SigningStargateClient,
} from '@cosmjs/stargate';
import { encodePubkey } from '@cosmjs/proto-signing';
import { Comet38Client, connectComet, type CometClient } from '@cosmjs/tendermint-rpc';
import { BaseAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import { GenericAuthorization } from 'cosmjs-types/cosmos/authz/v1beta1/authz';
import { MsgGrant } from 'cosmjs-types/cosmos/authz/v1beta1/tx';
import { QueryClientImpl as AuthQuery } from 'cosmjs-types/cosmos/auth/v1beta1/query';
import { QueryClientImpl as BankQuery } from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { QueryBalanceRequest, QueryBalanceResponse } from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { ServiceClientImpl as NodeService } from 'cosmjs-types/cosmos/base/node/v1beta1/query';
import { ServiceClientImpl as TendermintService } from 'cosmjs-types/cosmos/base/tendermint/v1beta1/query';
import { ServiceClientImpl as TxService } from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { QueryClientImpl as UpgradeQuery } from 'cosmjs-types/cosmos/upgrade/v1beta1/query';
import { BasicAllowance } from 'cosmjs-types/cosmos/feegrant/v1beta1/feegrant';
import { MsgGrantAllowance } from 'cosmjs-types/cosmos/feegrant/v1beta1/tx';
import { accountText } from '../../../node/base/address.ts';
import { leaveSocket } from '../../support/comet-socket.ts';
import { SOLO_CHAIN, startSoloNode, type SoloNode } from '../../support/solo-node.ts';
import { connect, direct, FEE, send } from './wallets.ts';

const SEND_TYPE = '/cosmos.bank.v1beta1.MsgSend';
const RECEIVER = accountText(new Uint8Array(20).fill(7));
const GRANTEE = accountText(new Uint8Array(20).fill(8));
const NOBODY = accountText(new Uint8Array(20).fill(9));
const SUPPLY = '2000000000000';

function extended(comet: CometClient) {
  return QueryClient.withExtensions(
    comet,
    setupAuthExtension,
    setupAuthzExtension,
    setupBankExtension,
    setupFeegrantExtension,
    setupGovExtension,
    setupStakingExtension,
    setupTxExtension,
  );
}

describe('clients: CosmJS query extensions', () => {
  let solo: SoloNode;
  let comet: CometClient;
  let query: ReturnType<typeof extended>;
  let signing: SigningStargateClient;
  let address: string;
  let sent: DeliverTxResponse;

  before(async () => {
    solo = await startSoloNode();
    comet = await connectComet(solo.url);
    query = extended(comet);
    address = accountText(solo.account.address);
    signing = await connect(solo, await direct(0));
    sent = await signing.sendTokens(address, RECEIVER, coins(5, 'uscale'), FEE, 'for dinner');
    assertIsDeliverTxSuccess(sent);
    const authorization = {
      typeUrl: GenericAuthorization.typeUrl,
      value: GenericAuthorization.encode({ msg: SEND_TYPE }).finish(),
    };
    const limit = BasicAllowance.fromPartial({ spendLimit: coins(300, 'uscale') });
    const allowance = {
      typeUrl: BasicAllowance.typeUrl,
      value: BasicAllowance.encode(limit).finish(),
    };
    const messages = [
      {
        typeUrl: MsgGrant.typeUrl,
        value: { granter: address, grantee: GRANTEE, grant: { authorization } },
      },
      {
        typeUrl: MsgGrantAllowance.typeUrl,
        value: { granter: address, grantee: GRANTEE, allowance },
      },
    ];
    assertIsDeliverTxSuccess(await signing.signAndBroadcast(address, messages, FEE));
  });
  after(async () => {
    signing.disconnect();
    comet.disconnect();
    await solo.remove();
  });

  for (const protocol of ['http', 'ws']) {
    it(`queryAbci answers for the newest and for old heights, over ${protocol}`, async () => {
      const client = await connectComet(solo.url.replace('http', protocol));
      assert.ok(client instanceof Comet38Client);
      const data = QueryBalanceRequest.encode({ address: RECEIVER, denom: 'uscale' }).finish();
      for (const [height, amount] of [
        [undefined, '5'],
        [sent.height, '5'],
        [sent.height - 1, '0'],
      ] as const) {
        const path = '/cosmos.bank.v1beta1.Query/Balance';
        const answer = await extended(client).queryAbci(path, data, height);
        const { balance } = QueryBalanceResponse.decode(answer.value);
        assert.deepEqual(balance, { denom: 'uscale', amount });
        if (height === undefined) assert.ok(answer.height >= sent.height);
        else assert.equal(answer.height, height);
      }
      if (protocol === 'ws') leaveSocket(client);
      else client.disconnect();
    });
  }

  it('auth: an account with and without key, and the words for none', async () => {
    const [account, fresh] = await Promise.all([
      query.auth.account(address),
      query.auth.account(RECEIVER),
    ]);
    assert.equal(account?.typeUrl, BaseAccount.typeUrl);
    const known = BaseAccount.decode(account.value);
    const { pubkey } = (await signing.getAccount(address))!;
    assert.deepEqual(known.pubKey, { ...encodePubkey(pubkey!) });
    assert.equal(BaseAccount.decode(fresh!.value).pubKey, undefined);
    await assert.rejects(query.auth.account(NOBODY), new RegExp(`account ${NOBODY} not found`));
  });

  it('bank: balances and supplies, zero where there is nothing', async () => {
    const { bank } = query;
    assert.deepEqual(await bank.balance(RECEIVER, 'uscale'), coin(5, 'uscale'));
    assert.deepEqual(await bank.balance(RECEIVER, 'gintonic'), coin(0, 'gintonic'));
    assert.deepEqual(await bank.balance(NOBODY, 'uscale'), coin(0, 'uscale'));
    assert.deepEqual(await bank.allBalances(RECEIVER), coins(5, 'uscale'));
    assert.deepEqual(await bank.allBalances(NOBODY), []);
    const { supply, pagination } = await bank.totalSupply();
    assert.deepEqual(supply, coins(SUPPLY, 'uscale'));
    assert.equal(pagination?.total, 1n);
    assert.deepEqual(await bank.supplyOf('uscale'), coin(SUPPLY, 'uscale'));
    assert.deepEqual(await bank.supplyOf('gintonic'), coin(0, 'gintonic'));
  });

  it('bank: the metadata of a coin, and NotFound for one that has none', async () => {
    const metadata = await query.bank.denomMetadata('uscale');
    assert.equal(metadata.base, 'uscale');
    assert.deepEqual(
      metadata.denomUnits.map(({ denom, exponent }) => [denom, exponent]),
      [
        ['uscale', 0],
        [metadata.display, 6],
      ],
    );
    assert.deepEqual(await query.bank.denomsMetadata(), [metadata]);
    await assert.rejects(query.bank.denomMetadata('nothere'), /code = NotFound/);
  });

  it('authz: grants by pair, by granter and by grantee', async () => {
    const { authz } = query;
    const answers = await Promise.all([
      authz.grants(address, GRANTEE, ''),
      authz.grants(address, GRANTEE, SEND_TYPE),
      authz.granterGrants(address),
      authz.granteeGrants(GRANTEE),
    ]);
    for (const { grants } of answers) {
      const [grant] = grants;
      assert.equal(grants.length, 1);
      assert.equal(grant?.authorization?.typeUrl, GenericAuthorization.typeUrl);
      assert.equal(GenericAuthorization.decode(grant.authorization.value).msg, SEND_TYPE);
    }
    const [one] = answers[2].grants;
    assert.deepEqual([one?.granter, one?.grantee], [address, GRANTEE]);
  });

  it('feegrant: an allowance, and all of a grantee', async () => {
    const { allowance } = await query.feegrant.allowance(address, GRANTEE);
    assert.equal(allowance?.allowance?.typeUrl, BasicAllowance.typeUrl);
    const { allowances } = await query.feegrant.allowances(GRANTEE);
    assert.deepEqual(allowances, [allowance]);
    await assert.rejects(query.feegrant.allowance(address, NOBODY), /fee-grant not found/);
  });

  it('tx: a transaction by hash, and what one would cost', async () => {
    const { tx, txResponse } = await query.tx.getTx(sent.transactionHash);
    assert.equal(tx?.body?.memo, 'for dinner');
    assert.deepEqual([txResponse?.code, txResponse?.height], [0, BigInt(sent.height)]);
    const { sequence, pubkey } = (await signing.getAccount(address))!;
    const message = signing.registry.encodeAsAny(send(address, RECEIVER, 1));
    const { gasInfo, result } = await query.tx.simulate([message], 'foo', pubkey!, sequence);
    assert.ok(gasInfo && gasInfo.gasUsed > 40_000n && gasInfo.gasUsed < 100_000n);
    assert.equal(result?.msgResponses[0]?.typeUrl, '/cosmos.bank.v1beta1.MsgSendResponse');
  });

  it('staking: parameters, pool and validators', async () => {
    const { staking } = query;
    const { params } = await staking.params();
    assert.equal(params?.bondDenom, 'uscale');
    assert.ok(params.unbondingTime.seconds > 0n && params.historicalEntries > 0);
    const { pool } = await staking.pool();
    const { validators } = await staking.validators('BOND_STATUS_BONDED');
    assert.equal(validators.length, 1);
    assert.equal(validators[0]?.tokens, pool?.bondedTokens);
    const { validator } = await staking.validator(validators[0]!.operatorAddress);
    assert.deepEqual(validator, validators[0]);
  });

  it('a module that is not there is refused in words that name the path', async () => {
    await assert.rejects(query.gov.proposal(1), /unknown query path/);
  });

  describe('the generated clients of cosmjs-types', () => {
    const rpc = () => createProtobufRpcClient(query);

    it('the node: info, blocks, validators, settings and its state', async () => {
      const service = new TendermintService(rpc());
      const info = await service.GetNodeInfo({});
      assert.equal(info.defaultNodeInfo?.network, SOLO_CHAIN);
      const { block, sdkBlock } = await service.GetBlockByHeight({ height: BigInt(sent.height) });
      assert.equal(block?.data.txs.length, 1);
      assert.equal(sdkBlock?.header.chainId, SOLO_CHAIN);
      const set = await service.GetLatestValidatorSet({});
      assert.equal(set.validators.length, 1);
      assert.equal((await service.GetSyncing({})).syncing, false);
      const config = await new NodeService(rpc()).Config({});
      assert.match(config.minimumGasPrice, /^$|uscale$/);
      const status = await new NodeService(rpc()).Status({});
      assert.ok(status.height >= BigInt(sent.height));
    });

    it('transactions: by query, in their block, taken apart and put together', async () => {
      const service = new TxService(rpc());
      const found = await service.GetTxsEvent({
        query: `transfer.recipient='${RECEIVER}'`,
        events: [],
        orderBy: 0,
        page: 1n,
        limit: 10n,
        pagination: undefined,
      });
      assert.deepEqual(
        found.txResponses.map(({ txhash }) => txhash),
        [sent.transactionHash],
      );
      const inBlock = await service.GetBlockWithTxs({
        height: BigInt(sent.height),
        pagination: undefined,
      });
      assert.equal(inBlock.txs[0]?.body?.memo, 'for dinner');
      const txBytes = (await signing.getTx(sent.transactionHash))!.tx;
      const { tx } = await service.TxDecode({ txBytes });
      assert.deepEqual(tx, found.txs[0]);
      assert.deepEqual((await service.TxEncode({ tx })).txBytes, txBytes);
    });

    it('accounts, balances by page and the plan of an upgrade', async () => {
      const { info } = await new AuthQuery(rpc()).AccountInfo({ address });
      assert.ok(info && info.sequence >= 2n);
      const bank = new BankQuery(rpc());
      const { balances } = await bank.SpendableBalances({
        address: RECEIVER,
        pagination: undefined,
      });
      assert.deepEqual(balances, coins(5, 'uscale'));
      const { plan } = await new UpgradeQuery(rpc()).CurrentPlan({});
      assert.equal(plan, undefined);
    });
  });
});
