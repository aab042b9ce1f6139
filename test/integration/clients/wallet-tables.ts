/** What Keplr and ping.pub call over REST, and the form of the answers that they can read. */
import {
  ANY,
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
const NEXT_PAGE: Shape = { next_key: BASE64, total: INT };
const NO_GRANTS: Shape = { grants: [], pagination: LAST_PAGE };

const OWN_KEY: Shape = { '@type': /^\/cosmos\.crypto\.secp256k1\.PubKey$/, key: BASE64 };
const EVENTS: Shape = [{ type: NAME, attributes: [{ key: NAME, value: TEXT, index: Boolean }] }];
const SEND: Shape = {
  '@type': /^\/cosmos\.bank\.v1beta1\.MsgSend$/,
  from_address: /^bitscale1/,
  to_address: /^bitscale1/,
  amount: [COIN],
};
const TX_BODY: Shape = {
  messages: [SEND],
  memo: TEXT,
  timeout_height: /^0$/,
  unordered: Boolean,
  timeout_timestamp: null,
  extension_options: [],
  non_critical_extension_options: [],
};
const AUTH_INFO: Shape = {
  signer_infos: [
    {
      public_key: OWN_KEY,
      mode_info: { single: { mode: /^SIGN_MODE_DIRECT$/ } },
      sequence: INT,
    },
  ],
  fee: { amount: [COIN], gas_limit: INT, payer: TEXT, granter: TEXT },
  tip: null,
};
const TX = { body: TX_BODY, auth_info: AUTH_INFO, signatures: [BASE64] };
const TX_RESPONSE: Shape = {
  height: INT,
  txhash: /^[0-9A-F]{64}$/,
  codespace: TEXT,
  code: Number,
  data: /^[0-9A-F]+$/,
  raw_log: /^$/,
  logs: [],
  info: TEXT,
  gas_wanted: INT,
  gas_used: INT,
  tx: { '@type': /^\/cosmos\.tx\.v1beta1\.Tx$/, ...TX },
  timestamp: TIME,
  events: EVENTS,
};

/** Names in braces are replaced by what the chain of the test has. */
export const ANSWERED: [path: string, shape: Shape][] = [
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
  ['auth/v1beta1/accounts?pagination.limit=1', { accounts: [ANY], pagination: NEXT_PAGE }],
  ['auth/v1beta1/accounts?pagination.limit=100', { accounts: [ANY], pagination: LAST_PAGE }],
  ['auth/v1beta1/module_accounts', { accounts: [ANY] }],
  ['bank/v1beta1/balances/{address}/by_denom?denom=uscale', { balance: COIN }],
  ['tx/v1beta1/txs/{hash}', { tx: TX, tx_response: TX_RESPONSE }],
  [
    "tx/v1beta1/txs?query=message.sender='{address}'&order_by=ORDER_BY_DESC&limit=1",
    { txs: [TX], tx_responses: [TX_RESPONSE], pagination: null, total: INT },
  ],
  [
    "tx/v1beta1/txs?events=message.sender='{address}'&pagination.limit=1",
    { txs: [TX], tx_responses: [TX_RESPONSE], pagination: null, total: INT },
  ],
  [
    'tx/v1beta1/txs/block/{height}',
    { txs: [TX], block_id: BLOCK_ID, block: ANY, pagination: LAST_PAGE },
  ],
  [
    'base/tendermint/v1beta1/abci_query?path=/store/bank/key&data=BQ==&prove=true',
    {
      code: Number,
      log: TEXT,
      info: TEXT,
      index: /^0$/,
      key: /^BQ==$/,
      value: BASE64,
      proof_ops: { ops: [{ type: /^ics23:/, key: BASE64, data: BASE64 }] },
      height: INT,
      codespace: TEXT,
    },
  ],
  [
    'base/tendermint/v1beta1/node_info',
    {
      default_node_info: {
        protocol_version: { p2p: /^8$/, block: /^11$/, app: INT },
        default_node_id: /^[0-9a-f]{40}$/,
        listen_addr: NAME,
        network: /^solo-1$/,
        version: /^0\.38\./,
        channels: BASE64,
        moniker: NAME,
        other: { tx_index: /^on$/, rpc_address: NAME },
      },
      application_version: {
        name: NAME,
        app_name: NAME,
        version: NAME,
        git_commit: TEXT,
        build_tags: TEXT,
        go_version: TEXT,
        build_deps: [{ path: /^github\.com\//, version: /^v\d/, sum: TEXT }],
        cosmos_sdk_version: /^v0\.5\d\./,
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

const VOTES = ['', '/deposits', '/tally', '/votes', '/votes/{address}'];
const PORT = 'channels/channel-0/ports/transfer';

/** Of modules, and of the greater part of staking, that the chain does not have. */
export const UNANSWERED: readonly string[] = [
  'staking/v1beta1/validators/{operator}/delegations?pagination.limit=100',
  'staking/v1beta1/validators/{operator}/delegations/{address}',
  'staking/v1beta1/validators/{operator}/delegations/{address}/unbonding_delegation',
  'staking/v1beta1/delegations/{address}',
  'staking/v1beta1/delegators/{address}/redelegations',
  'staking/v1beta1/delegators/{address}/unbonding_delegations',
  'staking/v1beta1/delegators/{address}/validators',
  ...['v1', 'v1beta1'].flatMap((version) => [
    ...['voting', 'tallying', 'deposit'].map((kind) => `gov/${version}/params/${kind}`),
    `gov/${version}/proposals?pagination.limit=50`,
    ...VOTES.map((path) => `gov/${version}/proposals/1${path}`),
  ]),
  ...['groups', 'group_info/1', 'group_members/1', 'group_policies_by_group/1'].map(
    (path) => `group/v1/${path}`,
  ),
  ...['proposals_by_group_policy/{address}', 'votes_by_proposal/1'].map((p) => `group/v1/${p}`),
  ...['classes', 'classes/1', 'nfts', 'nfts/1/2', 'supply/1', 'owner/1/2'].map(
    (path) => `nft/v1beta1/${path}`,
  ),
  'nft/v1beta1/balance/{address}/1',
  ...['', '/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2'].map(
    (hash) => `../ibc/apps/transfer/v1/denom_traces${hash}`,
  ),
  `../ibc/apps/transfer/v1/${PORT}/escrow_address`,
  `../ibc/core/channel/v1/${PORT}/next_sequence`,
  `../ibc/core/channel/v1/${PORT}/packet_acknowledgements`,
  '../ibc/core/channel/v1/connections/connection-0/channels',
  '../ibc/core/connection/v1/connections',
  '../ibc/core/connection/v1/connections/connection-0/client_state',
  '../ibc/apps/interchain_accounts/controller/v1/params',
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
  'gov/v1/proposals?proposal_status=PROPOSAL_STATUS_VOTING_PERIOD&pagination.reverse=true',
  '../ibc/apps/transfer/v1/denom_traces?pagination.limit=100',
  '../ibc/apps/transfer/v1/denoms/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2',
  '../ibc/core/channel/v1/channels?pagination.limit=100',
  '../ibc/core/channel/v1/channels/channel-0/ports/transfer/client_state',
  '../ibc/core/connection/v1/connections/connection-0',
  '../ibc/apps/interchain_accounts/host/v1/params',
];
