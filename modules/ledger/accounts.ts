/** The accounts of the ledger in the state: leaves by index, an index by owner and token, the tree of hashes. */
import type { Context } from '../../node/app/context.ts';
import { bytesToUint64, concat, type Bytes } from '../../node/base/bytes.ts';
import { assert, BitscaleError } from '../../node/base/errors.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import { ERR_TREE_FULL } from './errors.ts';
import { fieldFromBytes, fieldToBytes } from './field.ts';
import * as keys from './keys.ts';
import type { PublicKey } from './schnorr.ts';
import { LedgerTree, leafHash, type Leaf, type NodeStore } from './tree.ts';
import type { LeafStore } from './transition.ts';
import { pack, unpack } from './words.ts';

export interface Account extends Leaf {
  readonly index: number;
}

function encodeLeaf({ ax, ay, balance, nonce, token }: Leaf): Bytes {
  const word = fieldToBytes(pack('leafWord', { balance, nonce, token }));
  return concat(fieldToBytes(ax), fieldToBytes(ay), word);
}

function storedField(bytes: Bytes): bigint {
  const value = fieldFromBytes(bytes);
  assert(value !== undefined, 'a stored field element is damaged');
  return value;
}

function decodeLeaf(bytes: Bytes): Leaf {
  return {
    ax: storedField(bytes.subarray(0, 32)),
    ay: storedField(bytes.subarray(32, 64)),
    ...unpack('leafWord', storedField(bytes.subarray(64))),
  };
}

/** The leaves of the committed state seen through a context, so that a failing message changes nothing. */
export function leafStore(context: Context): LeafStore {
  const store = context.store(keys.LEDGER_STORE);
  return {
    get: (index) => {
      const bytes = store.get(keys.leafKey(index));
      return bytes && decodeLeaf(bytes);
    },
    set: (index, leaf) => store.set(keys.leafKey(index), encodeLeaf(leaf)),
  };
}

function nodeStore(context: Context): NodeStore {
  const store = context.store(keys.TREE_STORE);
  return {
    get: (level, index) => {
      const bytes = store.get(keys.nodeKey(level, index));
      return bytes && storedField(bytes);
    },
    set: (level, index, value) => store.set(keys.nodeKey(level, index), fieldToBytes(value)),
  };
}

/** Brings the tree up to date with the given leaves and answers the new root. */
export function rehash(context: Context, depth: number, touched: readonly number[]): bigint {
  const tree = new LedgerTree(depth, nodeStore(context));
  const leaves = leafStore(context);
  tree.update(new Map(touched.map((index) => [index, leafHash(leaves.get(index))])));
  return tree.root;
}

/** By depth, of which a chain has one. */
const emptyRoots = new Map<number, bigint>();

/** Remembered, because clients may ask for it as often as they like. */
export function emptyRoot(depth: number): bigint {
  let root = emptyRoots.get(depth);
  if (root === undefined) {
    root = new LedgerTree(depth, { get: () => undefined, set: () => undefined }).root;
    emptyRoots.set(depth, root);
  }
  return root;
}

export function accountAt(context: Context, index: number): Account | undefined {
  const leaf = leafStore(context).get(index);
  return leaf && { index, ...leaf };
}

/** All accounts in the order of their indices. */
export function* allAccounts(context: Context): Generator<Account> {
  for (const [key, value] of iteratePrefix(context.store(keys.LEDGER_STORE), keys.LEAF_PREFIX)) {
    yield { index: indexFromBytes(key.subarray(1)), ...decodeLeaf(value) };
  }
}

/** The indices of all accounts, so many at a time. */
export function* slices(context: Context, count: number): Generator<number[]> {
  const store = context.store(keys.LEDGER_STORE);
  const end = nextIndex(context);
  for (let from = 0; from < end; from += count) {
    const range = [keys.leafKey(from), keys.leafKey(Math.min(end, from + count))] as const;
    yield [...store.iterate(...range)].map(([key]) => indexFromBytes(key.subarray(1)));
  }
}

export function findAccount(context: Context, key: PublicKey, token: number): number | undefined {
  const bytes = context.store(keys.LEDGER_STORE).get(keys.ownerKey(key, token));
  return bytes && indexFromBytes(bytes);
}

export function accountsOf(context: Context, key: PublicKey): Account[] {
  const accounts: Account[] = [];
  for (const [, value] of iteratePrefix(context.store(keys.LEDGER_STORE), keys.ownerPrefix(key))) {
    const account = accountAt(context, indexFromBytes(value));
    if (account) accounts.push(account);
  }
  return accounts;
}

/** What the next account gets; index 0 stays empty for ever. */
export function nextIndex(context: Context): number {
  const bytes = context.store(keys.LEDGER_STORE).get(keys.NEXT_INDEX_KEY);
  return bytes ? indexFromBytes(bytes) : 1;
}

/** Reserves the next index for (key, token). */
export function assignIndex(
  context: Context,
  depth: number,
  owner: PublicKey,
  token: number,
): number {
  const store = context.store(keys.LEDGER_STORE);
  const index = nextIndex(context);
  if (index >= 4 ** depth) throw new BitscaleError(ERR_TREE_FULL, `${4 ** depth - 1} accounts`);
  store.set(keys.NEXT_INDEX_KEY, keys.uint32(index + 1));
  store.set(keys.ownerKey(owner, token), keys.uint32(index));
  return index;
}

const indexFromBytes = (bytes: Bytes): number =>
  Number(bytesToUint64(concat(new Uint8Array(4), bytes)));
