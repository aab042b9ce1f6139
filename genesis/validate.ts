/**
 * What a genesis file must satisfy beyond its shape. All faults are found before the first block: a chain
 * that starts from a wrong file cannot be repaired.
 */
import { moduleAddress, parseAccount, parseValoper } from '../node/base/address.ts';
import { toHex, type Bytes } from '../node/base/bytes.ts';
import { addCoins, checkDenom, coinsEqual, coinsFromText, type Coins } from '../node/base/coin.ts';
import {
  MAX_BLOCK_BYTES,
  MAX_CHAIN_ID_CHARS,
  MAX_GENESIS_VALIDATORS,
  MAX_TOTAL_POWER,
} from '../node/base/limits.ts';
import { checkLedger, checkSettlement } from './check-payments.ts';
import { at, fault, integer, object, objects, text, unique, type JsonObject } from './read.ts';
import { parseGenesis, type Genesis } from './schema.ts';

export const STAKE_DENOM = 'uscale';
/** Staked uscale that give one unit of voting power. */
export const POWER_REDUCTION = 1_000_000n;
/** The status of a validator; what a file without it means. */
export const BONDED = 'BOND_STATUS_BONDED';
export const BONDED_POOL = 'bonded_tokens_pool';

/** Reads and checks a genesis file. Throws ExitError 65 with the place and the fault. */
export function readGenesis(content: string): Genesis {
  const genesis = parseGenesis(content);
  if (genesis.validators.length === 0)
    throw fault('validators', 'is empty; see: bitscale genesis collect-gentxs');
  return checked(genesis);
}

/** As readGenesis, of a file that is still being made: it may have no validators yet. */
export function readDraft(content: string): Genesis {
  return checked(parseGenesis(content));
}

function checked(genesis: Genesis): Genesis {
  checkChainId(genesis.chainId);
  if (genesis.initialHeight < 1) throw fault('initial_height', 'must be at least 1');
  checkParams(genesis);
  checkValidators(genesis);
  const { appState } = genesis;
  if (appState['auth'] !== undefined) checkAccounts(object(appState['auth'], 'app_state.auth'));
  if (appState['bank'] !== undefined) checkBank(object(appState['bank'], 'app_state.bank'));
  if (appState['staking'] !== undefined) checkStaking(genesis);
  if (appState['ledger'] !== undefined) checkLedger(object(appState['ledger'], 'app_state.ledger'));
  if (appState['settlement'] !== undefined) {
    checkSettlement(object(appState['settlement'], 'app_state.settlement'));
  }
  return genesis;
}

/** Letters, digits, dot, dash and underscore; a number after the last dash must be a 64-bit revision. */
export function checkChainId(chainId: string): void {
  if (chainId === '') throw fault('chain_id', 'is empty');
  if (chainId.length > MAX_CHAIN_ID_CHARS) {
    throw fault('chain_id', `has more than ${MAX_CHAIN_ID_CHARS} characters`);
  }
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(chainId)) {
    throw fault('chain_id', 'may hold only letters, digits, dots, dashes and underscores');
  }
  const revision = /-([1-9][0-9]*)$/.exec(chainId)?.[1];
  if (revision !== undefined && BigInt(revision) >= 1n << 64n) {
    throw fault('chain_id', 'ends in a revision number above 64 bits');
  }
}

function checkParams({ consensusParams }: Genesis): void {
  const { block, evidence, validator } = consensusParams;
  const wrong = (name: string, rule: string): Error => fault(`consensus_params: ${name}`, rule);
  if (block.maxBytes < 1n || block.maxBytes > BigInt(MAX_BLOCK_BYTES)) {
    throw wrong('max_bytes', `must be 1 to ${MAX_BLOCK_BYTES}`);
  }
  if (block.maxGas < -1n) throw wrong('max_gas', 'must be -1 (no limit) or more');
  if (evidence.maxAgeNumBlocks < 1n) throw wrong('max_age_num_blocks', 'must be positive');
  if (evidence.maxAgeDurationNanos < 1n) throw wrong('max_age_duration', 'must be positive');
  if (evidence.maxBytes < 0n || evidence.maxBytes > block.maxBytes) {
    throw wrong('evidence max_bytes', 'must be at most the size of a block');
  }
  if (validator.pubKeyTypes.join() !== 'ed25519') throw wrong('pub_key_types', 'must be ed25519');
}

function checkValidators({ validators }: Genesis): void {
  if (validators.length > MAX_GENESIS_VALIDATORS) throw fault('validators', 'has too many entries');
  const once = unique('validators');
  let total = 0n;
  for (const { address, power } of validators) {
    once(toHex(address));
    if (power <= 0n) throw fault('validators', `gives ${toHex(address)} no power`);
    total += power;
  }
  if (total > MAX_TOTAL_POWER) throw fault('validators', 'have 2^60 or more power in total');
}

function checkAccounts(auth: JsonObject): void {
  const [address, number] = [unique('auth.accounts'), unique('auth.accounts: account_number')];
  for (const [i, account] of objects(auth['accounts'], 'auth.accounts').entries()) {
    const base = baseAccount(account, `auth.accounts[${i}]`);
    address(toHex(readAddress(base['address'], `auth.accounts[${i}].address`)));
    if (base['account_number'] !== undefined) {
      number(integer(base['account_number'], 'account_number').toString());
    }
  }
}

/** Module and vesting accounts have it inside. */
export function baseAccount(account: JsonObject, place: string): JsonObject {
  const vesting = object(account['base_vesting_account'] ?? account, place);
  return object(vesting['base_account'] ?? vesting, place);
}

function readAddress(json: unknown, place: string): Bytes {
  return at(place, () => parseAccount(text(json, place)));
}

function readCoins(json: unknown, place: string): Coins {
  const list = objects(json, place).map((coin) => ({
    denom: text(coin['denom'], `${place}: denom`),
    amount: text(coin['amount'], `${place}: amount`),
  }));
  return at(place, () => coinsFromText(list));
}

/** What each address holds, by its hexadecimal form. */
function readBalances(bank: JsonObject): Map<string, Coins> {
  const balances = new Map<string, Coins>();
  const once = unique('bank.balances');
  for (const [i, entry] of objects(bank['balances'], 'bank.balances').entries()) {
    const address = toHex(readAddress(entry['address'], `bank.balances[${i}].address`));
    once(address);
    balances.set(address, readCoins(entry['coins'], `bank.balances[${i}].coins`));
  }
  return balances;
}

function checkBank(bank: JsonObject): void {
  const total = [...readBalances(bank).values()].reduce<Coins>(addCoins, []);
  const supply = readCoins(bank['supply'], 'bank.supply');
  if (supply.length > 0 && !coinsEqual(supply, total)) {
    throw fault('bank.supply', 'is not the sum of bank.balances');
  }
  for (const name of ['denom_metadata', 'send_enabled']) {
    const once = unique(`bank.${name}`);
    for (const entry of objects(bank[name], `bank.${name}`)) {
      const denom = text(entry['base'] ?? entry['denom'], `bank.${name}: denom`);
      at(`bank.${name}`, () => checkDenom(denom));
      once(denom);
    }
  }
}

/** Bonded validators of the staking module are the validators of the first block, and their pool is full. */
function checkStaking({ appState, validators }: Genesis): void {
  const staking = object(appState['staking'], 'app_state.staking');
  const operators = unique('staking.validators');
  const powers = new Map<string, bigint>();
  let bonded = 0n;
  for (const entry of objects(staking['validators'], 'staking.validators')) {
    const operator = text(entry['operator_address'], 'staking.validators: operator_address');
    operators(toHex(at(`staking.validators: ${operator}`, () => parseValoper(operator))));
    const tokens = integer(entry['tokens'], `staking.validators: tokens of ${operator}`);
    if ((entry['status'] ?? BONDED) !== BONDED) continue;
    const key = object(entry['consensus_pubkey'], 'consensus_pubkey');
    powers.set(text(key['key'], 'consensus_pubkey.key'), tokens / POWER_REDUCTION);
    bonded += tokens;
  }
  const params = object(staking['params'] ?? {}, 'staking.params');
  const { bond_denom: denom = STAKE_DENOM, max_validators: most } = params;
  if (most !== undefined && BigInt(powers.size) > integer(most, 'staking.params.max_validators')) {
    throw fault('staking.validators', 'has more bonded validators than max_validators');
  }
  checkPool(appState, bonded, text(denom, 'staking.params.bond_denom'));
  if (powers.size === 0) return;
  const same =
    powers.size === validators.length &&
    validators.every(
      ({ pubKey, power }) => powers.get(Buffer.from(pubKey).toString('base64')) === power,
    );
  if (!same) throw fault('validators', 'are not the bonded validators of staking.validators');
}

function checkPool(appState: JsonObject, bonded: bigint, denom: string): void {
  const balances = readBalances(object(appState['bank'] ?? {}, 'app_state.bank'));
  const pool = balances.get(toHex(moduleAddress(BONDED_POOL))) ?? [];
  const held = pool.find((coin) => coin.denom === denom)?.amount ?? 0n;
  if (held !== bonded) {
    throw fault(
      'bank.balances',
      `gives ${BONDED_POOL} ${held}${denom}; staked are ${bonded}${denom}`,
    );
  }
}
