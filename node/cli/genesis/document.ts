/** A genesis file while it is made: accounts, coins and validators are put in, and what is written was checked. */
import { formatGenesis } from '../../../genesis/local.ts';
import { fault, object, objects, text, type JsonObject } from '../../../genesis/read.ts';
import {
  stakeRecords,
  validatorRecord,
  type StakedValidator,
} from '../../../genesis/stake-records.ts';
import { baseAccount, BONDED_POOL, readDraft, STAKE_DENOM } from '../../../genesis/validate.ts';
import { accountText, moduleAddress, parseAccount, valoperText } from '../../base/address.ts';
import { toHex, type Bytes } from '../../base/bytes.ts';
import {
  addCoins,
  amountOf,
  coinsFromText,
  coinToText,
  subCoins,
  type Coins,
  type CoinText,
} from '../../base/coin.ts';
import { Dec } from '../../base/dec.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { parseUint64 } from '../../base/int.ts';
import { readWhole, writeWhole } from '../whole-file.ts';

type Json = Record<string, unknown>;

const refuse = (sentence: string): ExitError => new ExitError(EXIT_DATA, sentence);

/** By hexadecimal address; the order is that of the file. */
type Balances = Map<string, { readonly address: Bytes; coins: Coins }>;

export class GenesisDocument {
  readonly #path: string;
  readonly #json: Json;
  readonly #balances: Balances;
  readonly #accounts: Json[];
  /** Where in the list an address is, by its hexadecimal form. */
  readonly #indices = new Map<string, number>();
  #nextNumber = 0n;
  readonly chainId: string;
  /** Seconds since 1970. */
  readonly startTime: bigint;
  readonly bondDenom: string;

  /** Throws ExitError 74, and 65 for a file with a fault. */
  constructor(path: string) {
    this.#path = path;
    const genesis = readDraft(readWhole(path));
    this.#json = structuredClone(genesis.json) as Json;
    this.chainId = genesis.chainId;
    this.startTime = genesis.time.seconds;
    const params = object(this.#part('staking')['params'] ?? {}, 'staking.params');
    this.bondDenom = text(params['bond_denom'] ?? STAKE_DENOM, 'staking.params.bond_denom');
    this.#balances = this.#readBalances();
    this.#accounts = this.#list(this.#part('auth'), 'accounts');
    this.#readAccounts();
  }

  /** A part of the application's state; made when it is not there. */
  #part(name: string): Json {
    const state = this.#json['app_state'] as Json;
    state[name] = object(state[name] ?? {}, `app_state.${name}`);
    return state[name] as Json;
  }

  #list(part: Json, name: string): Json[] {
    part[name] = objects(part[name], name);
    return part[name] as Json[];
  }

  #readAccounts(): void {
    for (const [index, json] of this.#accounts.entries()) {
      this.#indices.set(toHex(addressOf(json)), index);
      const { account_number: given } = baseAccount(json, 'auth.accounts');
      // Without a number it gets the next free one when the chain begins.
      const number = given === undefined ? this.#nextNumber : parseUint64(given);
      if (number >= this.#nextNumber) this.#nextNumber = number + 1n;
    }
  }

  #readBalances(): Balances {
    const entries = objects(this.#part('bank')['balances'], 'bank.balances').map((entry) => {
      const address = parseAccount(entry['address'] as string);
      const coins = coinsFromText(entry['coins'] as CoinText[]);
      return [toHex(address), { address, coins }] as const;
    });
    return new Map(entries);
  }

  /** The account of the file as it is written there. */
  account(address: Bytes): JsonObject | undefined {
    const index = this.#indices.get(toHex(address));
    return index === undefined ? undefined : this.#accounts[index];
  }

  balance(address: Bytes): Coins {
    return this.#balances.get(toHex(address))?.coins ?? [];
  }

  /** `wrap` makes another kind of account of the base. Throws ExitError 65 for an account that is there. */
  addAccount(address: Bytes, coins: Coins, wrap: (base: Json) => Json): void {
    if (this.account(address))
      throw refuse(`${accountText(address)} is in the genesis file already`);
    const base = {
      address: accountText(address),
      pub_key: null,
      account_number: this.#nextNumber.toString(),
      sequence: '0',
    };
    this.#nextNumber += 1n;
    this.#indices.set(toHex(address), this.#accounts.length);
    this.#accounts.push(wrap(base));
    this.addCoins(address, coins);
  }

  replaceAccount(address: Bytes, json: Json): void {
    const index = this.#indices.get(toHex(address));
    if (index !== undefined) this.#accounts[index] = json;
  }

  addCoins(address: Bytes, coins: Coins): void {
    const held = addCoins(this.balance(address), coins);
    this.#balances.set(toHex(address), { address, coins: held });
  }

  /** Throws ExitError 65 when there is no such account, or it has less. */
  requireStake(address: Bytes, amount: bigint): void {
    const [name, denom] = [accountText(address), this.bondDenom];
    if (!this.account(address)) throw refuse(`${name} has no account in the genesis file`);
    const held = amountOf(this.balance(address), denom);
    if (held < amount) {
      throw refuse(`${name} has ${held}${denom} and cannot stake ${amount}${denom}`);
    }
  }

  /** The least commission that a validator may take. */
  get leastCommission(): Dec {
    const { min_commission_rate: rate = '0' } = object(
      this.#part('staking')['params'] ?? {},
      'params',
    );
    return Dec.parse(text(rate, 'staking.params.min_commission_rate'));
  }

  /** The validators of the staking module, as they are written. */
  get validators(): readonly JsonObject[] {
    return this.#list(this.#part('staking'), 'validators');
  }

  /** Moves the stake from the account of the operator into the bonded pool. */
  addValidator(staked: StakedValidator, attestation?: string): void {
    const { operator, pubKey, tokens, description } = staked;
    this.requireStake(operator, tokens);
    const stake = [{ denom: this.bondDenom, amount: tokens }];
    const coins = subCoins(this.balance(operator), stake);
    this.#balances.set(toHex(operator), { address: operator, coins });
    this.addCoins(moduleAddress(BONDED_POOL), stake);
    const { validator, delegation } = stakeRecords(staked);
    const staking = this.#part('staking');
    this.#list(staking, 'validators').push(validator);
    this.#list(staking, 'delegations').push(delegation);
    this.#list(this.#json, 'validators').push(validatorRecord(description.moniker, pubKey, tokens));
    if (attestation === undefined) return;
    const key = { operator: valoperText(operator), address: attestation };
    this.#list(this.#part('settlement'), 'validators').push(key);
  }

  /** The text of the file. Throws ExitError 65 when it would have a fault. */
  text(): string {
    const balances = [...this.#balances.values()].filter(({ coins }) => coins.length > 0);
    const supply = balances.reduce<Coins>((sum, { coins }) => addCoins(sum, coins), []);
    const bank = this.#part('bank');
    bank['balances'] = balances.map(({ address, coins }) => ({
      address: accountText(address),
      coins: coins.map(coinToText),
    }));
    bank['supply'] = supply.map(coinToText);
    const content = formatGenesis(this.#json);
    readDraft(content);
    return content;
  }

  save(): void {
    writeWhole(this.#path, this.text(), 0o644);
  }
}

function addressOf(json: JsonObject): Bytes {
  const { address } = baseAccount(json, 'auth.accounts');
  if (typeof address !== 'string') throw fault('auth.accounts', 'has an account without address');
  return parseAccount(address);
}
