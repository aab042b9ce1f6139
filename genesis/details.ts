/**
 * What a new chain should not begin with, though a node would: a chain that runs keeps the file it began with, so
 * only those who make a file ask for this.
 */
import { parseAccount, parseValoper } from '../node/base/address.ts';
import { checkDenom } from '../node/base/coin.ts';
import { Dec } from '../node/base/dec.ts';
import { parseUint64 } from '../node/base/int.ts';
import { parseTime } from '../node/base/time.ts';
import { at, fault, integer, object, objects, text, unique, type JsonObject } from './read.ts';
import type { Genesis } from './schema.ts';
import { baseAccount } from './validate.ts';

const CONSENSUS_KEY = '/cosmos.crypto.ed25519.PubKey';

/** Throws ExitError 65 with the place and the fault. */
export function checkDetails({ appState, json }: Genesis): void {
  const part = (name: string): JsonObject => object(appState[name] ?? {}, `app_state.${name}`);
  checkConsensus(object(json['consensus_params'], 'consensus_params'));
  checkAccounts(part('auth'));
  checkMetadata(part('bank'));
  checkStake(part('staking'));
  checkGrants(part('authz'));
  checkAllowances(part('feegrant'));
  const { authority } = part('upgrade');
  if (authority !== undefined && authority !== null) {
    at('upgrade.authority', () => parseAccount(text(authority, 'upgrade.authority')));
  }
  for (const { symbol } of objects(part('ledger')['tokens'], 'ledger.tokens')) {
    if (symbol === '') throw fault('ledger.tokens: symbol', 'is empty');
  }
}

function checkConsensus(params: JsonObject): void {
  const abci = object(params['abci'] ?? {}, 'consensus_params.abci');
  const place = 'consensus_params.abci.vote_extensions_enable_height';
  if (integer(abci['vote_extensions_enable_height'] ?? 0, place) !== 0n) {
    throw fault(place, 'must be 0: this chain has no vote extensions');
  }
}

function checkAccounts(auth: JsonObject): void {
  for (const [i, account] of objects(auth['accounts'], 'auth.accounts').entries()) {
    const place = `auth.accounts[${i}]`;
    const base = baseAccount(account, place);
    for (const name of ['account_number', 'sequence']) {
      if (base[name] !== undefined) at(`${place}.${name}`, () => parseUint64(base[name]));
    }
  }
}

function checkMetadata(bank: JsonObject): void {
  const { send_enabled: sends } = object(bank['params'] ?? {}, 'bank.params');
  if (objects(sends, 'bank.params.send_enabled').length > 0) {
    throw fault('bank.params.send_enabled', 'must be empty; bank.send_enabled has taken its place');
  }
  for (const [i, entry] of objects(bank['denom_metadata'], 'bank.denom_metadata').entries()) {
    checkCoinNames(entry, `bank.denom_metadata[${i}]`);
  }
}

/** As the bank module of the Cosmos SDK asks of it; wallets rely on the order of the units. */
function checkCoinNames(entry: JsonObject, place: string): void {
  for (const name of ['name', 'symbol']) {
    if (text(entry[name] ?? '', `${place}.${name}`).trim() === '') {
      throw fault(`${place}.${name}`, 'is empty');
    }
  }
  const display = text(entry['display'], `${place}.display`);
  const units = objects(entry['denom_units'], `${place}.denom_units`);
  const once = unique(`${place}.denom_units`);
  let before = -1n;
  for (const [i, unit] of units.entries()) {
    const denom = text(unit['denom'], `${place}.denom_units[${i}].denom`);
    at(`${place}.denom_units[${i}].denom`, () => checkDenom(denom));
    once(denom);
    const exponent = integer(unit['exponent'] ?? 0, `${place}.denom_units[${i}].exponent`);
    const isFirst = i === 0;
    if (isFirst && (denom !== entry['base'] || exponent !== 0n)) {
      throw fault(`${place}.denom_units[0]`, 'must be base, with exponent 0');
    }
    if (exponent <= before) throw fault(`${place}.denom_units`, 'must ascend by their exponents');
    before = exponent;
  }
  if (!units.some(({ denom }) => denom === display)) {
    throw fault(`${place}.display`, 'is not among denom_units');
  }
}

function decimal(json: unknown, place: string): Dec {
  return at(place, () => Dec.parse(text(json, place)));
}

function checkStake(staking: JsonObject): void {
  const shares = new Map<string, Dec>();
  for (const [i, entry] of objects(staking['validators'], 'staking.validators').entries()) {
    const place = `staking.validators[${i}]`;
    const { moniker } = object(entry['description'] ?? {}, `${place}.description`);
    if (text(moniker ?? '', `${place}.description.moniker`) === '') {
      throw fault(`${place}.description.moniker`, 'is empty');
    }
    if (entry['jailed'] === true) throw fault(`${place}.jailed`, 'must be false');
    const key = object(entry['consensus_pubkey'], `${place}.consensus_pubkey`);
    if (key['@type'] !== CONSENSUS_KEY) {
      throw fault(`${place}.consensus_pubkey.@type`, `must be ${CONSENSUS_KEY}`);
    }
    checkCommission(entry, place);
    const tokens = Dec.fromInt(integer(entry['tokens'], `${place}.tokens`));
    const given = decimal(
      entry['delegator_shares'] ?? tokens.toString(),
      `${place}.delegator_shares`,
    );
    if (!given.equals(tokens))
      throw fault(`${place}.delegator_shares`, 'must be one for each token');
    shares.set(text(entry['operator_address'], `${place}.operator_address`), given);
  }
  checkDelegations(staking, shares);
}

function checkCommission(entry: JsonObject, place: string): void {
  const commission = object(entry['commission'] ?? {}, `${place}.commission`);
  const rates = object(
    commission['commission_rates'] ?? {},
    `${place}.commission.commission_rates`,
  );
  const { update_time: updated } = commission;
  const time = `${place}.commission.update_time`;
  if (updated !== undefined) at(time, () => parseTime(text(updated, time)));
  const rate = (name: string): Dec => decimal(rates[name] ?? '0', `${place}.commission: ${name}`);
  const [now, most, change] = [rate('rate'), rate('max_rate'), rate('max_change_rate')];
  const fits = [now, most, change].every((one) => !one.lt(Dec.ZERO) && !one.gt(Dec.ONE));
  if (!fits) throw fault(`${place}.commission`, 'has a rate that is not from 0 to 1');
  if (now.gt(most)) throw fault(`${place}.commission: rate`, 'is above max_rate');
  if (change.gt(most)) throw fault(`${place}.commission: max_change_rate`, 'is above max_rate');
}

/** They may be left out; those that are there must be all. */
function checkDelegations(staking: JsonObject, shares: ReadonlyMap<string, Dec>): void {
  for (const name of ['unbonding_delegations', 'redelegations']) {
    if (objects(staking[name], `staking.${name}`).length > 0) {
      throw fault(`staking.${name}`, 'must be empty: they are not kept');
    }
  }
  const given = objects(staking['delegations'], 'staking.delegations');
  const sums = new Map<string, Dec>();
  const once = unique('staking.delegations');
  for (const [i, entry] of given.entries()) {
    const place = `staking.delegations[${i}]`;
    const delegator = text(entry['delegator_address'], `${place}.delegator_address`);
    const validator = text(entry['validator_address'], `${place}.validator_address`);
    at(`${place}.delegator_address`, () => parseAccount(delegator));
    at(`${place}.validator_address`, () => parseValoper(validator));
    once(`${delegator} with ${validator}`);
    if (!shares.has(validator)) throw fault(`${place}.validator_address`, 'is of no validator');
    const sum = sums.get(validator) ?? Dec.ZERO;
    sums.set(validator, sum.add(decimal(entry['shares'], `${place}.shares`)));
  }
  if (given.length === 0) return;
  for (const [validator, all] of shares) {
    if (sums.get(validator)?.equals(all) === true) continue;
    throw fault('staking.delegations', `are not all shares of ${validator}`);
  }
}

function checkGrants(authz: JsonObject): void {
  const once = unique('authz.authorization');
  for (const [i, entry] of objects(authz['authorization'], 'authz.authorization').entries()) {
    const { granter, grantee, authorization } = entry;
    const place = `authz.authorization[${i}]`;
    if (granter === grantee) throw fault(place, 'is from an account to itself');
    const { '@type': type, msg = '' } = object(authorization, `${place}.authorization`);
    once(`${String(granter)} to ${String(grantee)}, ${String(type)} ${String(msg)}`);
  }
}

function checkAllowances(feegrant: JsonObject): void {
  for (const [i, entry] of objects(feegrant['allowances'], 'feegrant.allowances').entries()) {
    const place = `feegrant.allowances[${i}]`;
    if (entry['granter'] === entry['grantee']) throw fault(place, 'is from an account to itself');
    const { expiration } = object(entry['allowance'], `${place}.allowance`);
    if (expiration === undefined || expiration === null) continue;
    const end = `${place}.allowance.expiration`;
    at(end, () => parseTime(text(expiration, end)));
  }
}
