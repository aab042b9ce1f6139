/** An application in memory for tests, and transactions signed for it. */
import assert from 'node:assert/strict';
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { AuthInfo, SignDoc, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import type { BlockRequest, ConsensusParams, InitChainRequest } from '../../node/app/abci.ts';
import { accountText, type AddressText } from '../../node/app/address-text.ts';
import { Application } from '../../node/app/application.ts';
import { KIT_STORES } from '../../node/app/chain-record.ts';
import type { FeeAllowances } from '../../node/app/expected.ts';
import type { Module } from '../../node/app/module.ts';
import type { SnapshotOptions } from '../../node/app/state-sync.ts';
import { accountAddress, moduleAddress } from '../../node/base/address.ts';
import { EMPTY, toHex, utf8, type Bytes } from '../../node/base/bytes.ts';
import { parseDecCoins } from '../../node/base/dec-coin.ts';
import { sha256 } from '../../node/base/hash.ts';
import { secp256k1PublicKey, signSecp256k1 } from '../../node/base/secp256k1.ts';
import { parseTime, timeFromNanos, timeToNanos, type Time } from '../../node/base/time.ts';
import { dueStoreUpgrade, type Upgrades } from '../../node/upgrades.ts';
import type { Db } from '../../node/store/db.ts';
import { MemoryDb } from '../../node/store/memory-db.ts';
import { MultiStore } from '../../node/store/multi-store.ts';
import type { StoreNames } from '../../node/store/store-set.ts';
import { authModule } from '../../modules/auth/module.ts';
import type { ModuleAccounts } from '../../modules/auth/keeper.ts';
import { authzModule } from '../../modules/authz/module.ts';
import { bankModule } from '../../modules/bank/module.ts';
import { feegrantModule } from '../../modules/feegrant/module.ts';
import { vestingForms, vestingKeeper, vestingModule } from '../../modules/vesting/module.ts';

export const CHAIN_ID = 'test-1';
export const GENESIS_TIME = parseTime('2026-01-01T00:00:00Z');

export const CONSENSUS_PARAMS: ConsensusParams = {
  block: { maxBytes: 200_000n, maxGas: 50_000_000n },
  evidence: {
    maxAgeNumBlocks: 302_400n,
    maxAgeDurationNanos: 1_814_400_000_000_000n,
    maxBytes: 0n,
  },
  validator: { pubKeyTypes: ['ed25519'] },
  version: { app: 0n },
};

export interface TestAppOptions {
  readonly chainId?: string;
  readonly addresses?: AddressText;
  readonly moduleAccounts?: ModuleAccounts;
  readonly openModules?: readonly string[];
  /** Who may change parameters; else the account of `gov`. */
  readonly authority?: Bytes;
  readonly minGasPrices?: string;
  readonly feeDenom?: string;
  readonly simulationGasLimit?: bigint;
  readonly db?: Db;
  readonly snapshots?: SnapshotOptions;
  /** Height of the first block. */
  readonly initialHeight?: number;
  /** Modules besides auth, authz, bank, feegrant and vesting. */
  readonly modules?: readonly Module[];
  /** Changes of stores that upgrades bring. */
  readonly upgrades?: Upgrades;
  /** In place of the feegrant module; null: no allowances at all. */
  readonly allowances?: FeeAllowances | null;
  /** Accept transactions without a sequence? */
  readonly unordered?: boolean;
}

export const MODULE_ACCOUNTS: ModuleAccounts = new Map([['fee_collector', []]]);

export function testApplication(options: TestAppOptions = {}) {
  const addresses = options.addresses ?? accountText;
  const moduleAccounts = options.moduleAccounts ?? MODULE_ACCOUNTS;
  const authority = { authority: () => options.authority ?? moduleAddress('gov') };
  const auth = authModule({
    addresses,
    moduleAccounts,
    authority,
    unordered: options.unordered ?? false,
    forms: vestingForms,
  });
  const locked = vestingKeeper(auth.keeper);
  const { openModules = [] } = options;
  const bank = bankModule({ accounts: auth.keeper, locked, authority, openModules });
  const vesting = vestingModule({ accounts: auth.keeper, bank: bank.keeper });
  const authz = authzModule({ accounts: auth.keeper, receivers: bank.keeper });
  const feegrant = feegrantModule({ accounts: auth.keeper, receivers: bank.keeper });
  const { allowances = feegrant.keeper } = options;
  const modules = [auth, bank, vesting, authz, feegrant, ...(options.modules ?? [])];
  const { upgrades = new Map() } = options;
  const specs = [...KIT_STORES, ...modules.flatMap(({ stores }) => stores)];
  const names = (kind: string) => specs.filter((s) => s.kind === kind).map(({ name }) => name);
  const db = options.db ?? new MemoryDb();
  const sets = { iavl: names('iavl'), plain: names('plain') };
  const stores = MultiStore.open(db, {
    ...sets,
    ...(options.initialHeight !== undefined && { initialVersion: options.initialHeight }),
    upgrade: dueStoreUpgrade(db, upgrades),
  });
  const app = new Application(
    {
      chainId: options.chainId ?? CHAIN_ID,
      version: '0.1.0',
      feeDenom: options.feeDenom ?? 'uscale',
      minGasPrices: parseDecCoins(options.minGasPrices ?? ''),
      simulationGasLimit: options.simulationGasLimit ?? 0n,
      keepRecent: 0,
      ...(options.snapshots && { snapshots: options.snapshots }),
    },
    {
      stores,
      modules,
      accounts: auth.keeper,
      fees: bank.keeper,
      addresses,
      ...(allowances && { allowances }),
    },
  );
  if (db instanceof MemoryDb) afterBlock.set(app, () => requireUnchanged(stores, db, sets));
  return { app, auth, authz, bank, feegrant, stores, modules };
}

const afterBlock = new WeakMap<Application, () => void>();

/** What must hold after each block; `runBlock` asks. */
export function checkAfterBlock(app: Application): void {
  afterBlock.get(app)?.();
}

/** Stores hand out the bytes they keep: who changes them changes the state behind everybody's back. */
function requireUnchanged(stores: MultiStore, db: MemoryDb, names: StoreNames): void {
  const stored = MultiStore.open(db.reopen(), names);
  for (const name of [...names.iavl, ...names.plain]) {
    const kept = stores.committed(name);
    for (const [key, value] of stored.committed(name).iterate()) {
      assert.deepEqual(kept.get(key), value, `key ${toHex(key)} of store ${name} was changed`);
    }
  }
}

/** An application after its first block, in which nothing happened; `keys` are its accounts. */
export async function startedApplication(
  keys: readonly TestKey[],
  options: TestAppOptions = {},
  appState: Record<string, unknown> = {},
) {
  const parts = testApplication(options);
  parts.app.initChain(initRequest({ ...genesisFor(keys), ...appState }));
  await runBlock(parts.app, []);
  return parts;
}

export function initRequest(
  appState: Record<string, unknown>,
  chainId = CHAIN_ID,
): InitChainRequest {
  const consensusParams = CONSENSUS_PARAMS;
  return { chainId, time: GENESIS_TIME, initialHeight: 1, consensusParams, appState };
}

export function blockAt(height: number, txs: readonly Bytes[], time?: Time): BlockRequest {
  const nanos = timeToNanos(GENESIS_TIME) + BigInt(height) * 1_000_000_000n;
  return {
    txs,
    height,
    time: time ?? timeFromNanos(nanos),
    hash: EMPTY,
    proposerAddress: EMPTY,
    nextValidatorsHash: EMPTY,
    lastCommit: { round: 0, votes: [] },
    misbehavior: [],
  };
}

/** Executes and commits the next block. */
export async function runBlock(app: Application, txs: readonly Bytes[]) {
  const response = app.finalizeBlock(blockAt(app.info().height + 1, txs));
  await app.commit();
  checkAfterBlock(app);
  return response;
}

export interface TestKey {
  readonly secret: Bytes;
  readonly pubKey: Bytes;
  readonly address: Bytes;
  readonly text: string;
}

export function testKey(name: string, addresses: AddressText = accountText): TestKey {
  const secret = sha256(utf8(name));
  const pubKey = secp256k1PublicKey(secret);
  const address = accountAddress(pubKey);
  return { secret, pubKey, address, text: addresses.write(address) };
}

export interface TestTx {
  readonly messages: readonly { readonly typeUrl: string; readonly value: Bytes }[];
  readonly key: TestKey;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
  readonly chainId?: string;
  readonly memo?: string;
  readonly gas?: bigint;
  readonly fee?: string;
  readonly body?: Partial<TxBody>;
  readonly payer?: string;
  readonly granter?: string;
}

/** TxRaw bytes, signed in SIGN_MODE_DIRECT. */
export function signTx(tx: TestTx): Bytes {
  const bodyBytes = TxBody.encode(
    TxBody.fromPartial({ messages: [...tx.messages], memo: tx.memo ?? '', ...tx.body }),
  ).finish();
  const publicKey = {
    typeUrl: '/cosmos.crypto.secp256k1.PubKey',
    value: PubKey.encode({ key: tx.key.pubKey }).finish(),
  };
  const amount = tx.fee === '0' ? [] : [{ denom: 'uscale', amount: tx.fee ?? '1000' }];
  const authInfoBytes = AuthInfo.encode(
    AuthInfo.fromPartial({
      signerInfos: [
        {
          publicKey,
          modeInfo: { single: { mode: SignMode.SIGN_MODE_DIRECT } },
          sequence: tx.sequence,
        },
      ],
      fee: {
        amount,
        gasLimit: tx.gas ?? 200_000n,
        payer: tx.payer ?? '',
        granter: tx.granter ?? '',
      },
    }),
  ).finish();
  const { accountNumber, chainId = CHAIN_ID } = tx;
  const doc = SignDoc.encode({ bodyBytes, authInfoBytes, chainId, accountNumber }).finish();
  const signature = signSecp256k1(tx.key.secret, sha256(doc));
  return TxRaw.encode({ bodyBytes, authInfoBytes, signatures: [signature] }).finish();
}

export function sendMessage(from: TestKey, to: string, amount: string, denom = 'uscale') {
  const message = MsgSend.fromPartial({
    fromAddress: from.text,
    toAddress: to,
    amount: [{ denom, amount }],
  });
  return { typeUrl: '/cosmos.bank.v1beta1.MsgSend', value: MsgSend.encode(message).finish() };
}

/** Genesis with these accounts, numbered from 0, each with a million SCALE. */
export function genesisFor(keys: readonly TestKey[]): Record<string, unknown> {
  const coins = [{ denom: 'uscale', amount: '1000000000000' }];
  return {
    auth: { accounts: keys.map(({ text }) => ({ address: text })) },
    bank: { balances: keys.map(({ text }) => ({ address: text, coins })) },
  };
}
