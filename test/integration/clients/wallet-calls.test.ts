/** The calls of Keplr and of the ping.pub explorer, one by one, and the answers that they can read. */
import assert from 'node:assert/strict';
import { assertIsDeliverTxSuccess, coins } from '@cosmjs/stargate';
import { accountText } from '../../../node/base/address.ts';
import { startSoloNode, type SoloNode } from '../../support/solo-node.ts';
import {
  assertShape,
  BASE64,
  COIN,
  DEC,
  DURATION,
  INT,
  LAST_PAGE,
  NAME,
  TEXT,
  TIME,
  type Shape,
} from './shape.ts';
import { connect, direct, FEE } from './wallets.ts';

const RECEIVER = accountText(new Uint8Array(20).fill(7));

const KEY: Shape = { '@type': /^\/cosmos\.crypto\.ed25519\.PubKey$/, key: BASE64 };
const VALIDATOR: Shape = {
  operator_address: /^bitscalevaloper1/,
  consensus_pubkey: KEY,
  jailed: Boolean,
  status: /^BOND_STATUS_BONDED$/,
  tokens: INT,
  delegator_shares: DEC,
  description: {
    moniker: NAME,
    identity: TEXT,
    website: TEXT,
    security_contact: TEXT,
    details: TEXT,
  },
  unbonding_height: INT,
  unbonding_time: TIME,
  commission: {
    commission_rates: { rate: DEC, max_rate: DEC, max_change_rate: DEC },
    update_time: TIME,
  },
  min_self_delegation: INT,
  unbonding_on_hold_ref_count: INT,
  unbonding_ids: [],
};
const PARTS: Shape = { total: Number, hash: BASE64 };
const BLOCK_ID: Shape = { hash: BASE64, part_set_header: PARTS };
const HEADER: Shape = {
  version: { block: /^11$/, app: INT },
  chain_id: /^solo-1$/,
  height: INT,
  time: TIME,
  last_block_id: BLOCK_ID,
  last_commit_hash: BASE64,
  data_hash: BASE64,
  validators_hash: BASE64,
  next_validators_hash: BASE64,
  consensus_hash: BASE64,
  app_hash: BASE64,
  last_results_hash: BASE64,
  evidence_hash: BASE64,
  proposer_address: NAME,
};
const COMMIT: Shape = {
  height: INT,
  round: Number,
  block_id: BLOCK_ID,
  signatures: [
    {
      block_id_flag: /^BLOCK_ID_FLAG_COMMIT$/,
      validator_address: BASE64,
      timestamp: TIME,
      signature: BASE64,
    },
  ],
};
const BODY = { data: { txs: [] }, evidence: { evidence: [] }, last_commit: COMMIT };
const BLOCK: Shape = {
  block_id: BLOCK_ID,
  block: { header: HEADER, ...BODY },
  sdk_block: { header: HEADER, ...BODY },
};
const VALIDATOR_SET: Shape = {
  block_height: INT,
  validators: [
    { address: /^bitscalevalcons1/, pub_key: KEY, voting_power: INT, proposer_priority: INT },
  ],
  pagination: LAST_PAGE,
};
const BALANCES: Shape = { balances: [COIN], pagination: LAST_PAGE };
const NO_GRANTS: Shape = { grants: [], pagination: LAST_PAGE };

/** Names in braces are replaced by what the chain of the test has. */
const ANSWERED: [path: string, shape: Shape][] = [
  [
    'auth/v1beta1/params',
    {
      params: {
        max_memo_characters: INT,
        tx_sig_limit: INT,
        tx_size_cost_per_byte: INT,
        sig_verify_cost_ed25519: INT,
        sig_verify_cost_secp256k1: INT,
      },
    },
  ],
  ['auth/v1beta1/bech32', { bech32_prefix: /^bitscale$/ }],
  [
    'auth/v1beta1/accounts/{address}',
    {
      account: {
        '@type': /^\/cosmos\.auth\.v1beta1\.BaseAccount$/,
        address: /^bitscale1/,
        pub_key: { '@type': /^\/cosmos\.crypto\.secp256k1\.PubKey$/, key: BASE64 },
        account_number: INT,
        sequence: INT,
      },
    },
  ],
  ['bank/v1beta1/params', { params: { send_enabled: [], default_send_enabled: Boolean } }],
  ['bank/v1beta1/balances/{address}?pagination.limit=1000', BALANCES],
  ['bank/v1beta1/spendable_balances/{address}?pagination.limit=1000', BALANCES],
  ['bank/v1beta1/supply', { supply: [COIN], pagination: LAST_PAGE }],
  ['bank/v1beta1/supply/uscale', { amount: COIN }],
  ['bank/v1beta1/supply/by_denom?denom=uscale', { amount: COIN }],
  [
    'bank/v1beta1/denoms_metadata',
    {
      metadatas: [
        {
          description: TEXT,
          denom_units: [{ denom: NAME, exponent: Number, aliases: [] }],
          base: /^uscale$/,
          display: NAME,
          name: NAME,
          symbol: NAME,
          uri: TEXT,
          uri_hash: TEXT,
        },
      ],
      pagination: LAST_PAGE,
    },
  ],
  [
    'staking/v1beta1/params',
    {
      params: {
        unbonding_time: DURATION,
        max_validators: Number,
        max_entries: Number,
        historical_entries: Number,
        bond_denom: /^uscale$/,
        min_commission_rate: DEC,
      },
    },
  ],
  ['staking/v1beta1/pool', { pool: { not_bonded_tokens: INT, bonded_tokens: INT } }],
  [
    'staking/v1beta1/validators?pagination.limit=300&status=BOND_STATUS_BONDED',
    { validators: [VALIDATOR], pagination: LAST_PAGE },
  ],
  ['staking/v1beta1/validators/{operator}', { validator: VALIDATOR }],
  ['base/tendermint/v1beta1/syncing', { syncing: Boolean }],
  ['base/tendermint/v1beta1/blocks/latest', BLOCK],
  ['base/tendermint/v1beta1/blocks/{height}', BLOCK],
  ['base/tendermint/v1beta1/validatorsets/latest?pagination.limit=100', VALIDATOR_SET],
  ['base/tendermint/v1beta1/validatorsets/{height}?pagination.offset=0', VALIDATOR_SET],
  [
    'base/node/v1beta1/config',
    {
      minimum_gas_price: /^0\.001000000000000000uscale$|^0\.001uscale$/,
      pruning_keep_recent: INT,
      pruning_interval: INT,
      halt_height: INT,
    },
  ],
  ['authz/v1beta1/grants/granter/{address}?pagination.limit=1000', NO_GRANTS],
  ['authz/v1beta1/grants/grantee/{address}', NO_GRANTS],
  ['feegrant/v1beta1/allowances/{address}', { allowances: [], pagination: LAST_PAGE }],
  ['feegrant/v1beta1/issued/{address}', { allowances: [], pagination: LAST_PAGE }],
  ['upgrade/v1beta1/current_plan', { plan: null }],
];

/** Of modules that the chain does not have. */
const UNANSWERED = [
  'params/v1beta1/params?subspace=staking&key=MaxValidators',
  'distribution/v1beta1/params',
  'distribution/v1beta1/community_pool',
  'distribution/v1beta1/delegators/{address}/rewards',
  'distribution/v1beta1/validators/{operator}/commission',
  'distribution/v1beta1/validators/{operator}/outstanding_rewards',
  'distribution/v1beta1/validators/{operator}/slashes',
  'slashing/v1beta1/params',
  'slashing/v1beta1/signing_infos?pagination.limit=300',
  'mint/v1beta1/params',
  'mint/v1beta1/inflation',
  'mint/v1beta1/annual_provisions',
  'gov/v1/params/voting',
  'gov/v1/proposals?proposal_status=PROPOSAL_STATUS_VOTING_PERIOD&pagination.reverse=true',
  'gov/v1beta1/proposals/1/tally',
  'group/v1/groups',
  'nft/v1beta1/classes',
  '../ibc/apps/transfer/v1/denom_traces?pagination.limit=100',
  '../ibc/apps/transfer/v1/denoms/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2',
  '../ibc/core/channel/v1/channels?pagination.limit=100',
  '../ibc/core/channel/v1/channels/channel-0/ports/transfer/client_state',
  '../ibc/core/connection/v1/connections/connection-0',
  '../ibc/apps/interchain_accounts/host/v1/params',
];

describe('clients: what wallets and explorers call', () => {
  let solo: SoloNode;
  let known: Record<string, string>;
  /** Newest first. */
  const hashes: string[] = [];

  const ask = async (path: string): Promise<{ status: number; body: unknown }> => {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => known[name]!);
    const base = `http://127.0.0.1:${solo.node.config.api.port}/cosmos/`;
    const response = await fetch(new URL(filled, base));
    return { status: response.status, body: await response.json() };
  };

  before(async () => {
    solo = await startSoloNode({ settings: { app: { minGasPrices: '0.001uscale' } } });
    const client = await connect(solo, await direct(0));
    const address = accountText(solo.account.address);
    for (const amount of [5, 6]) {
      const sent = await client.sendTokens(address, RECEIVER, coins(amount, 'uscale'), FEE, 'rent');
      assertIsDeliverTxSuccess(sent);
      known = { address, height: String(sent.height) };
      hashes.unshift(sent.transactionHash);
    }
    client.disconnect();
    const { body } = await ask('staking/v1beta1/validators');
    const { validators } = body as { validators: { operator_address: string }[] };
    known['operator'] = validators[0]!.operator_address;
  });
  after(() => solo.remove());

  for (const [path, shape] of ANSWERED) {
    it(`GET ${path}`, async () => {
      const { status, body } = await ask(path);
      assert.equal(status, 200, JSON.stringify(body));
      assertShape(body, shape);
    });
  }

  for (const path of UNANSWERED) {
    it(`GET ${path} says that the chain has no such module`, async () => {
      const { status, body } = await ask(path);
      assert.equal(status, 501);
      assertShape(body, { code: Number, message: /^unknown method \//, details: [] });
      assert.equal((body as { code: number }).code, 12);
    });
  }

  it('the list of an account shows what it sent and received, newest first', async () => {
    for (const key of ['message.sender', 'transfer.recipient']) {
      const who = key === 'message.sender' ? known['address']! : RECEIVER;
      const query = encodeURIComponent(`${key}='${who}'`);
      const paged = `tx/v1beta1/txs?query=${query}&order_by=ORDER_BY_DESC&pagination.limit=20`;
      const { status, body } = await ask(paged);
      assert.equal(status, 200, JSON.stringify(body));
      const { tx_responses: found } = body as { tx_responses: { txhash: string }[] };
      assert.deepEqual(
        found.map(({ txhash }) => txhash),
        hashes,
      );
    }
  });

  it('Keplr takes the chain for what it is: status, node_info and WebSocket agree', async () => {
    const status = (await (await fetch(`${solo.url}/status`)).json()) as {
      result: { node_info: { network: string }; sync_info: { catching_up: boolean } };
    };
    const { body } = await ask('base/tendermint/v1beta1/node_info');
    const { default_node_info: info } = body as { default_node_info: { network: string } };
    assert.equal(status.result.node_info.network, info.network);
    assert.equal(status.result.sync_info.catching_up, false);
    const socket = new WebSocket(`${solo.url.replace('http', 'ws')}/websocket`);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    const answer = new Promise((resolve) => {
      socket.addEventListener('message', ({ data }) => resolve(JSON.parse(String(data))));
    });
    const params = [`tm.event='Tx' AND tx.hash='${hashes[0]}'`];
    socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'subscribe', params, id: 1 }));
    assert.deepEqual(await answer, { jsonrpc: '2.0', id: 1, result: {} });
    socket.close();
  });

  it('ping.pub draws the state of consensus from two calls', async () => {
    const round = async (path: string): Promise<Record<string, unknown>> => {
      const body = (await (await fetch(`${solo.url}/${path}`)).json()) as {
        result: { round_state: Record<string, unknown> };
      };
      return body.result.round_state;
    };
    const brief = await round('consensus_state');
    assertShape(brief['height/round/step'], /^\d+\/\d+\/\d+$/);
    assertShape(brief['height_vote_set'], [
      {
        round: Number,
        prevotes: [NAME],
        prevotes_bit_array: /^BA\{1:[x_]\} \d+\/\d+ = [\d.]+$/,
        precommits: [NAME],
        precommits_bit_array: /^BA\{1:[x_]\} \d+\/\d+ = [\d.]+$/,
      },
    ]);
    const { validators } = (await round('dump_consensus_state'))['validators'] as {
      validators: unknown;
    };
    assertShape(validators, [
      {
        address: /^[0-9A-F]{40}$/,
        pub_key: { type: /^tendermint\/PubKeyEd25519$/, value: BASE64 },
        voting_power: INT,
        proposer_priority: INT,
      },
    ]);
  });
});
