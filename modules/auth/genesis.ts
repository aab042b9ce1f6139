/** The `auth` part of the genesis file, in the shape the Cosmos SDK gives it. */
import { LegacyAminoPubKey } from 'cosmjs-types/cosmos/crypto/multisig/keys';
import { fromBase64, toBase64 } from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { parseUint64 } from '../../node/base/int.ts';
import type { Context } from '../../node/app/context.ts';
import type { Account, TxParams } from '../../node/app/expected.ts';
import { ErrGenesisShape, field, list, object, text } from '../../node/app/genesis-json.ts';
import { readPublicKey, singleKey, type PublicKey } from '../../node/app/public-key.ts';
import { BASE_URL, MODULE_URL, type StoredAccount } from './accounts.ts';
import type { AuthKeeper } from './keeper.ts';
import { DEFAULT_PARAMS, faultOf, writeParams } from './params.ts';

const SECP256K1_URL = '/cosmos.crypto.secp256k1.PubKey';
const MULTISIG_URL = '/cosmos.crypto.multisig.LegacyAminoPubKey';

/** Accounts without an `account_number` get the next free one, in the order of the file. */
export function initAuth(context: Context, json: unknown, keeper: AuthKeeper): void {
  const state = object(json ?? {}, 'auth');
  keeper.setParams(context, readParams(state['params']));
  const accounts = list(state['accounts'] ?? [], 'auth.accounts').map((item) =>
    object(item, 'account'),
  );
  let next = 0n;
  for (const item of accounts) {
    const account = readAccount(item, { next, now: context.time.seconds }, keeper);
    keeper.restore(context, account);
    if (account.accountNumber >= next) next = account.accountNumber + 1n;
  }
  for (const name of [...keeper.moduleAccounts.keys()].sort()) keeper.moduleAccount(context, name);
}

export function exportAuth(context: Context, keeper: AuthKeeper): Record<string, unknown> {
  const accounts = [...keeper.all(context)].sort((a, b) =>
    a.accountNumber < b.accountNumber ? -1 : 1,
  );
  return {
    params: writeParams(keeper.txParams(context)),
    accounts: accounts.map((account) => writeAccount(account, keeper)),
  };
}

function readParams(json: unknown): TxParams {
  if (json === undefined) return DEFAULT_PARAMS;
  const params = object(json, 'auth.params');
  const number = (name: string): bigint => parseUint64(params[name]);
  const read = {
    maxMemoCharacters: number('max_memo_characters'),
    txSigLimit: number('tx_sig_limit'),
    txSizeCostPerByte: number('tx_size_cost_per_byte'),
    sigVerifyCostEd25519: number('sig_verify_cost_ed25519'),
    sigVerifyCostSecp256k1: number('sig_verify_cost_secp256k1'),
  };
  const fault = faultOf(read);
  if (fault !== undefined) throw new BitscaleError(ErrGenesisShape, `auth.params.${fault}`);
  return read;
}

type JsonObject = Record<string, unknown>;

interface Place {
  /** The account number of one that has none. */
  readonly next: bigint;
  /** When the chain begins. */
  readonly now: bigint;
}

function readAccount(json: JsonObject, { next, now }: Place, keeper: AuthKeeper): StoredAccount {
  const type = json['@type'] ?? BASE_URL;
  if (type === BASE_URL) return readBase(json, next, keeper);
  if (typeof type === 'string' && keeper.forms.typeUrls.has(type)) {
    const { base, part } = keeper.forms.fromJson(json, now);
    return { ...readBase(base, next, keeper), part };
  }
  if (type !== MODULE_URL) {
    throw new BitscaleError(ErrGenesisShape, `account type ${String(type)}`);
  }
  const { pubKey, ...account } = readBase(
    object(json['base_account'], 'base_account'),
    next,
    keeper,
  );
  if (pubKey) throw new BitscaleError(ErrGenesisShape, 'a module account with a key');
  const permissions = list(json['permissions'] ?? [], 'permissions').map((p) => text(p, 'p'));
  return { ...account, module: { name: text(json['name'], 'name'), permissions } };
}

function readBase(base: JsonObject, next: bigint, keeper: AuthKeeper): Account {
  const number = base['account_number'];
  const account = {
    address: keeper.addresses.read(text(field(base, 'address'), 'address')),
    accountNumber: number === undefined ? next : parseUint64(number),
    sequence: parseUint64(base['sequence'] ?? '0'),
  };
  const key = base['pub_key'];
  if (key === undefined || key === null) return account;
  return { ...account, pubKey: readKey(object(key, 'pub_key')) };
}

function readKey(json: JsonObject): PublicKey {
  const { '@type': type, key, threshold, public_keys: keys } = json;
  if (type === SECP256K1_URL) return singleKey(fromBase64(text(key, 'key')));
  if (type !== MULTISIG_URL) throw new BitscaleError(ErrGenesisShape, 'unknown key type');
  const publicKeys = list(keys, 'public_keys').map((one) => readKey(object(one, 'key')).any);
  const value = LegacyAminoPubKey.encode({ threshold: Number(threshold), publicKeys }).finish();
  const read = readPublicKey({ typeUrl: MULTISIG_URL, value }, 0);
  if (read instanceof BitscaleError) throw read;
  return read;
}

function writeKey({ multi, members, threshold }: PublicKey): JsonObject {
  const singles = members.map((key) => ({ '@type': SECP256K1_URL, key: toBase64(key) }));
  if (!multi) return singles[0] as JsonObject;
  return { '@type': MULTISIG_URL, threshold, public_keys: singles };
}

function writeAccount(account: StoredAccount, keeper: AuthKeeper): unknown {
  const { pubKey, module, part } = account;
  const base = {
    address: keeper.addresses.write(account.address),
    pub_key: pubKey ? writeKey(pubKey) : null,
    account_number: String(account.accountNumber),
    sequence: String(account.sequence),
  };
  if (part) return { '@type': part.typeUrl, ...keeper.forms.toJson(base, part) };
  if (!module) return { '@type': BASE_URL, ...base };
  const { name, permissions } = module;
  return { '@type': MODULE_URL, base_account: base, name, permissions };
}
