/**
 * How the methods of the table are called on the command line. A method that is not named here has its own name
 * with dashes, and an option for every field.
 */

export interface MethodName {
  /** Instead of the method's own name; with a slash in front, instead of the module's too. */
  readonly name?: string;
  readonly aliases?: readonly string[];
  readonly summary?: string;
  /** Fields that are arguments; "[field]" may be left out, "[field...]" may be many. */
  readonly arguments?: readonly string[];
  /** Fields with bytes that people write in hexadecimal. */
  readonly hex?: readonly string[];
  /** Fields that stand for older ways to ask. */
  readonly hidden?: readonly string[];
}

const one = (name: string, summary: string, ...args: readonly string[]): MethodName => ({
  name,
  summary,
  arguments: args,
});

const AUTH: Readonly<Record<string, MethodName>> = {
  Account: {
    ...one('account', 'An account: number, sequence, key, and what it vests', 'address'),
    aliases: ['query account'],
  },
  AccountInfo: one('account-info', 'Number, sequence and key of any account', 'address'),
  Accounts: { summary: 'All accounts' },
  Bech32Prefix: { summary: 'What addresses of accounts begin with' },
  AccountAddressByID: {
    ...one('address-by-acc-num', 'The address of an account number', 'account_id'),
    hidden: ['id'],
  },
  ModuleAccounts: { summary: 'The accounts of modules' },
  ModuleAccountByName: one('module-account', 'The account of a module', 'name'),
  AddressBytesToString: {
    ...one('address-bytes-to-string', 'An address as text', 'address_bytes'),
    hex: ['address_bytes'],
  },
  AddressStringToBytes: one('address-string-to-bytes', 'The bytes of an address', 'address_string'),
};

const BANK: Readonly<Record<string, MethodName>> = {
  Balance: one('balance', 'How much of one coin an account holds', 'address', 'denom'),
  AllBalances: {
    ...one('balances', 'What an account holds', 'address'),
    aliases: ['query balances'],
  },
  SpendableBalances: one('spendable-balances', 'What an account can spend', 'address'),
  SpendableBalanceByDenom: one(
    'spendable-balance',
    'How much of one coin an account can spend',
    'address',
    'denom',
  ),
  TotalSupply: {
    name: 'total-supply',
    summary: 'How much there is of every coin',
    aliases: ['query bank total', 'query supply'],
  },
  SupplyOf: one('total-supply-of', 'How much there is of one coin', 'denom'),
  SendEnabled: one('send-enabled', 'Which coins can be sent', '[denoms...]'),
  DenomMetadata: one('denom-metadata', 'How wallets show a coin', 'denom'),
  DenomMetadataByQueryString: one(
    'denom-metadata-by-query-string',
    'As denom-metadata, for names with slashes',
    'denom',
  ),
  DenomsMetadata: { summary: 'How wallets show the coins' },
  DenomOwners: one('denom-owners', 'Who holds a coin', 'denom'),
  DenomOwnersByQuery: one(
    'denom-owners-by-query',
    'As denom-owners, for names with slashes',
    'denom',
  ),
};

const STAKING: Readonly<Record<string, MethodName>> = {
  Validators: { summary: 'Validators with their stake and terms' },
  Validator: { summary: 'One validator', arguments: ['validator_addr'] },
  Pool: { summary: 'How much is staked' },
  HistoricalInfo: { arguments: ['height'] },
  Delegation: { arguments: ['delegator_addr', 'validator_addr'] },
  DelegatorDelegations: one('delegations', 'Where an account has staked', 'delegator_addr'),
  ValidatorDelegations: one('delegations-to', 'Who has staked with a validator', 'validator_addr'),
  UnbondingDelegation: { arguments: ['delegator_addr', 'validator_addr'] },
  DelegatorUnbondingDelegations: one(
    'unbonding-delegations',
    'What an account is taking back',
    'delegator_addr',
  ),
  ValidatorUnbondingDelegations: one(
    'unbonding-delegations-from',
    'What is being taken back from a validator',
    'validator_addr',
  ),
};

const PERMISSIONS: Readonly<Record<string, Readonly<Record<string, MethodName>>>> = {
  'cosmos.authz.v1beta1.Query': {
    Grants: one(
      'grants',
      'What an account may do for another',
      'granter',
      'grantee',
      '[msg_type_url]',
    ),
    GranterGrants: one('grants-by-granter', 'What others may do for an account', 'granter'),
    GranteeGrants: one('grants-by-grantee', 'What an account may do for others', 'grantee'),
  },
  'cosmos.feegrant.v1beta1.Query': {
    Allowance: one('grant', 'The fees that one account pays for another', 'granter', 'grantee'),
    Allowances: one('grants-by-grantee', 'Who pays fees for an account', 'grantee'),
    AllowancesByGranter: one('grants-by-granter', 'For whom an account pays fees', 'granter'),
  },
  'cosmos.upgrade.v1beta1.Query': {
    CurrentPlan: one('plan', 'The upgrade that is planned'),
    AppliedPlan: one('applied', 'The height at which an upgrade was made', 'name'),
    ModuleVersions: one('module-versions', 'Versions of the modules', '[module_name]'),
    Authority: { summary: 'Who may plan upgrades' },
  },
};

const NODE: Readonly<Record<string, Readonly<Record<string, MethodName>>>> = {
  'cosmos.base.tendermint.v1beta1.Service': {
    GetNodeInfo: one('node-info', 'Who the node is and what it speaks'),
    GetSyncing: one('syncing', 'Whether the node is still catching up'),
    GetLatestBlock: one('block-latest', 'The newest block'),
    GetBlockByHeight: one('block-by-height', 'The block of a height', 'height'),
    GetLatestValidatorSet: one('validator-set', 'The validators of the newest block'),
    GetValidatorSetByHeight: one('validator-set-by-height', 'Validators of a height', 'height'),
    ABCIQuery: {
      name: 'abci-query',
      summary: 'Raw state by path and key',
      hidden: ['height'],
      hex: ['data'],
    },
  },
  'cosmos.base.node.v1beta1.Service': {
    Config: { summary: 'Least gas prices and other settings of the node' },
    Status: { summary: 'Height, time and hashes of the newest state' },
  },
  'cosmos.tx.v1beta1.Service': {
    GetBlockWithTxs: one('/block-with-txs', 'A block and its transactions, decoded', 'height'),
  },
};

const LEDGER: Readonly<Record<string, MethodName>> = {
  Params: { summary: 'Shape of the batches and domain of the signatures' },
  Tokens: { summary: 'Tokens that can be paid with' },
  Account: one('account', 'An account of the ledger by its number', 'index'),
  AccountsByKey: {
    ...one('accounts', 'All accounts of a ledger key, one per token', 'owner.ax', 'owner.ay'),
    hex: ['owner.ax', 'owner.ay'],
  },
  Quotes: one('quotes', 'Standing quotes; 0 means any token', '[token_in]', '[token_out]'),
  Intent: one('intent', 'The batch that holds an executed intent', 'id'),
  Root: { summary: 'State root after the newest sealed batch' },
};

const SETTLEMENT: Readonly<Record<string, MethodName>> = {
  Params: { summary: 'L1 contract, sealing policy and proving interval' },
  Status: { summary: 'How many batches are sealed, attested and final' },
  Batch: one('batch', 'Header of a batch', 'number'),
  BatchData: one('batch-data', 'All operations of a batch', 'number'),
  Attestations: one('attestations', 'Which validators have signed a batch for L1', 'batch'),
  BatchFinality: one(
    'batch-finality',
    'How final a batch is, and what to accept before it is',
    'batch',
  ),
};

const NAMES: Readonly<Record<string, Readonly<Record<string, MethodName>>>> = {
  'cosmos.auth.v1beta1.Query': AUTH,
  'cosmos.bank.v1beta1.Query': BANK,
  'cosmos.staking.v1beta1.Query': STAKING,
  'bitscale.ledger.v1.Query': LEDGER,
  'bitscale.settlement.v1.Query': SETTLEMENT,
  ...PERMISSIONS,
  ...NODE,
};

/** Methods that a command of its own asks, or that change something. */
export const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['/cosmos.tx.v1beta1.Service/GetTx', 'query tx'],
  ['/cosmos.tx.v1beta1.Service/GetTxsEvent', 'query txs'],
  ['/cosmos.tx.v1beta1.Service/BroadcastTx', 'tx broadcast'],
  ['/cosmos.tx.v1beta1.Service/Simulate', 'query grpc'],
  ['/cosmos.tx.v1beta1.Service/TxEncode', 'tx encode'],
  ['/cosmos.tx.v1beta1.Service/TxDecode', 'tx decode'],
  ['/bitscale.settlement.v1.Query/Finality', 'query settlement finality'],
]);

/** What the service's own name does not say as users know it. */
const MODULES: ReadonlyMap<string, string> = new Map([
  ['cosmos.base.tendermint.v1beta1.Service', 'comet'],
  ['cosmos.base.node.v1beta1.Service', 'node'],
]);

/** "/cosmos.bank.v1beta1.Query/AllBalances" is of service and method. */
export function splitPath(path: string): { readonly service: string; readonly method: string } {
  const [, service = '', method = ''] = path.split('/');
  return { service, method };
}

export const dashes = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();

export function nameOf(path: string): MethodName {
  const { service, method } = splitPath(path);
  return NAMES[service]?.[method] ?? {};
}

/** The words that call a method, such as "query bank balances". */
export function wordsOf(path: string): string {
  const { service, method } = splitPath(path);
  const { name = dashes(method) } = nameOf(path);
  if (name.startsWith('/')) return `query ${name.slice(1)}`;
  return `query ${MODULES.get(service) ?? moduleOf(service)} ${name}`;
}

/** The last part of the package, without the version. */
function moduleOf(service: string): string {
  const parts = service.split('.').slice(0, -1);
  const named = parts.filter((part) => !/^v\d/.test(part));
  return dashes(named.at(-1) ?? service);
}
