/** The services of the Cosmos SDK 0.53. */
import type { ServiceRoutes } from './router.ts';

const BASIC: readonly ServiceRoutes[] = [
  {
    service: 'cosmos.auth.v1beta1.Query',
    base: '/cosmos/auth/v1beta1',
    methods: {
      Accounts: 'accounts',
      Account: 'accounts/{address}',
      AccountAddressByID: 'address_by_id/{id}',
      Params: 'params',
      ModuleAccounts: 'module_accounts',
      ModuleAccountByName: 'module_accounts/{name}',
      Bech32Prefix: 'bech32',
      // Its reverse has the same template in the SDK, where it can never be reached.
      AddressStringToBytes: 'bech32/{address_string}',
      AccountInfo: 'account_info/{address}',
    },
  },
  {
    service: 'cosmos.bank.v1beta1.Query',
    base: '/cosmos/bank/v1beta1',
    methods: {
      Balance: 'balances/{address}/by_denom',
      AllBalances: 'balances/{address}',
      SpendableBalances: 'spendable_balances/{address}',
      SpendableBalanceByDenom: 'spendable_balances/{address}/by_denom',
      TotalSupply: 'supply',
      // The second is how gateways before 0.47 had it, and explorers still ask.
      SupplyOf: ['supply/by_denom', 'supply/{denom}'],
      Params: 'params',
      DenomsMetadata: 'denoms_metadata',
      DenomMetadata: 'denoms_metadata/{denom=**}',
      DenomMetadataByQueryString: 'denoms_metadata_by_query_string',
      DenomOwners: 'denom_owners/{denom=**}',
      DenomOwnersByQuery: 'denom_owners_by_query',
      SendEnabled: 'send_enabled',
    },
  },
  {
    service: 'cosmos.tx.v1beta1.Service',
    base: '/cosmos/tx/v1beta1',
    methods: {
      Simulate: 'POST simulate',
      GetTx: 'txs/{hash}',
      BroadcastTx: 'POST txs',
      GetTxsEvent: 'txs',
      GetBlockWithTxs: 'txs/block/{height}',
      TxDecode: 'POST decode',
      TxEncode: 'POST encode',
      TxEncodeAmino: 'POST encode/amino',
      TxDecodeAmino: 'POST decode/amino',
    },
  },
  {
    service: 'cosmos.base.tendermint.v1beta1.Service',
    base: '/cosmos/base/tendermint/v1beta1',
    methods: {
      GetNodeInfo: 'node_info',
      GetSyncing: 'syncing',
      GetLatestBlock: 'blocks/latest',
      GetBlockByHeight: 'blocks/{height}',
      GetLatestValidatorSet: 'validatorsets/latest',
      GetValidatorSetByHeight: 'validatorsets/{height}',
      ABCIQuery: 'abci_query',
    },
  },
  {
    service: 'cosmos.base.node.v1beta1.Service',
    base: '/cosmos/base/node/v1beta1',
    methods: { Config: 'config', Status: 'status' },
  },
  {
    service: 'cosmos.consensus.v1.Query',
    base: '/cosmos/consensus/v1',
    methods: { Params: 'params' },
  },
  {
    service: 'cosmos.params.v1beta1.Query',
    base: '/cosmos/params/v1beta1',
    methods: { Params: 'params', Subspaces: 'subspaces' },
  },
];

const STAKE: readonly ServiceRoutes[] = [
  {
    service: 'cosmos.staking.v1beta1.Query',
    base: '/cosmos/staking/v1beta1',
    methods: {
      Validators: 'validators',
      Validator: 'validators/{validator_addr}',
      ValidatorDelegations: 'validators/{validator_addr}/delegations',
      ValidatorUnbondingDelegations: 'validators/{validator_addr}/unbonding_delegations',
      Delegation: 'validators/{validator_addr}/delegations/{delegator_addr}',
      UnbondingDelegation:
        'validators/{validator_addr}/delegations/{delegator_addr}/unbonding_delegation',
      DelegatorDelegations: 'delegations/{delegator_addr}',
      DelegatorUnbondingDelegations: 'delegators/{delegator_addr}/unbonding_delegations',
      Redelegations: 'delegators/{delegator_addr}/redelegations',
      DelegatorValidators: 'delegators/{delegator_addr}/validators',
      DelegatorValidator: 'delegators/{delegator_addr}/validators/{validator_addr}',
      HistoricalInfo: 'historical_info/{height}',
      Pool: 'pool',
      Params: 'params',
    },
  },
  {
    service: 'cosmos.distribution.v1beta1.Query',
    base: '/cosmos/distribution/v1beta1',
    methods: {
      Params: 'params',
      ValidatorDistributionInfo: 'validators/{validator_address}',
      ValidatorOutstandingRewards: 'validators/{validator_address}/outstanding_rewards',
      ValidatorCommission: 'validators/{validator_address}/commission',
      ValidatorSlashes: 'validators/{validator_address}/slashes',
      DelegationRewards: 'delegators/{delegator_address}/rewards/{validator_address}',
      DelegationTotalRewards: 'delegators/{delegator_address}/rewards',
      DelegatorValidators: 'delegators/{delegator_address}/validators',
      DelegatorWithdrawAddress: 'delegators/{delegator_address}/withdraw_address',
      CommunityPool: 'community_pool',
    },
  },
  {
    service: 'cosmos.slashing.v1beta1.Query',
    base: '/cosmos/slashing/v1beta1',
    methods: {
      Params: 'params',
      SigningInfo: 'signing_infos/{cons_address}',
      SigningInfos: 'signing_infos',
    },
  },
  {
    service: 'cosmos.evidence.v1beta1.Query',
    base: '/cosmos/evidence/v1beta1',
    methods: { Evidence: 'evidence/{hash}', AllEvidence: 'evidence' },
  },
  {
    service: 'cosmos.mint.v1beta1.Query',
    base: '/cosmos/mint/v1beta1',
    methods: { Params: 'params', Inflation: 'inflation', AnnualProvisions: 'annual_provisions' },
  },
];

const PERMISSIONS: readonly ServiceRoutes[] = [
  {
    service: 'cosmos.authz.v1beta1.Query',
    base: '/cosmos/authz/v1beta1',
    methods: {
      Grants: 'grants',
      GranterGrants: 'grants/granter/{granter}',
      GranteeGrants: 'grants/grantee/{grantee}',
    },
  },
  {
    service: 'cosmos.feegrant.v1beta1.Query',
    base: '/cosmos/feegrant/v1beta1',
    methods: {
      Allowance: 'allowance/{granter}/{grantee}',
      Allowances: 'allowances/{grantee}',
      AllowancesByGranter: 'issued/{granter}',
    },
  },
  {
    service: 'cosmos.upgrade.v1beta1.Query',
    base: '/cosmos/upgrade/v1beta1',
    methods: {
      CurrentPlan: 'current_plan',
      AppliedPlan: 'applied_plan/{name}',
      UpgradedConsensusState: 'upgraded_consensus_state/{last_height}',
      ModuleVersions: 'module_versions',
      Authority: 'authority',
    },
  },
];

const GOV_METHODS = {
  Proposals: 'proposals',
  Proposal: 'proposals/{proposal_id}',
  Votes: 'proposals/{proposal_id}/votes',
  Vote: 'proposals/{proposal_id}/votes/{voter}',
  Params: 'params/{params_type}',
  Deposits: 'proposals/{proposal_id}/deposits',
  Deposit: 'proposals/{proposal_id}/deposits/{depositor}',
  TallyResult: 'proposals/{proposal_id}/tally',
};

const COMMUNITY: readonly ServiceRoutes[] = [
  {
    service: 'cosmos.gov.v1.Query',
    base: '/cosmos/gov/v1',
    methods: { ...GOV_METHODS, Constitution: 'constitution' },
  },
  { service: 'cosmos.gov.v1beta1.Query', base: '/cosmos/gov/v1beta1', methods: GOV_METHODS },
  {
    service: 'cosmos.group.v1.Query',
    base: '/cosmos/group/v1',
    methods: {
      Groups: 'groups',
      GroupInfo: 'group_info/{group_id}',
      GroupMembers: 'group_members/{group_id}',
      GroupsByAdmin: 'groups_by_admin/{admin}',
      GroupsByMember: 'groups_by_member/{address}',
      GroupPolicyInfo: 'group_policy_info/{address}',
      GroupPoliciesByGroup: 'group_policies_by_group/{group_id}',
      GroupPoliciesByAdmin: 'group_policies_by_admin/{admin}',
      Proposal: 'proposal/{proposal_id}',
      ProposalsByGroupPolicy: 'proposals_by_group_policy/{address}',
      TallyResult: 'proposals/{proposal_id}/tally',
      VotesByProposal: 'votes_by_proposal/{proposal_id}',
      VotesByVoter: 'votes_by_voter/{voter}',
      VoteByProposalVoter: 'vote_by_proposal_voter/{proposal_id}/{voter}',
    },
  },
  {
    service: 'cosmos.nft.v1beta1.Query',
    base: '/cosmos/nft/v1beta1',
    methods: {
      Balance: 'balance/{owner}/{class_id}',
      Owner: 'owner/{class_id}/{id}',
      Supply: 'supply/{class_id}',
      NFTs: 'nfts',
      NFT: 'nfts/{class_id}/{id}',
      Class: 'classes/{class_id}',
      Classes: 'classes',
    },
  },
];

export const COSMOS_ROUTES: readonly ServiceRoutes[] = [
  ...BASIC,
  ...STAKE,
  ...PERMISSIONS,
  ...COMMUNITY,
];
