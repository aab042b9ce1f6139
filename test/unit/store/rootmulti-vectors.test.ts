import assert from 'node:assert/strict';
import { answerQuery } from '../../../node/app/query-router.ts';
import { Registry } from '../../../node/app/registry.ts';
import { fromHex, toHex, type Bytes } from '../../../node/base/bytes.ts';
import { ProtoWriter } from '../../../node/base/proto-writer.ts';
import { parseTime } from '../../../node/base/time.ts';
import { hashedStores } from '../../../node/store/commit-record.ts';
import { readCommit } from '../../../node/store/boot-check.ts';
import { decodeProof } from '../../../node/store/ics23/codec.ts';
import { IAVL_SPEC, TENDERMINT_SPEC } from '../../../node/store/ics23/types.ts';
import {
  rootOfProof,
  verifyMembership,
  verifyNonMembership,
} from '../../../node/store/ics23/verify.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { MultiStore, type MultiStoreOptions } from '../../../node/store/multi-store.ts';
import { answerAt, answerSubspace, type StoreAnswer } from '../../../node/store/query.ts';
import { ABOUT, assertFields, readVector, vectorFiles } from './vectors.ts';

interface Version {
  version: number;
  time: string;
  ops: [string, string, string, string?][];
  store_roots: Record<string, string>;
  app_hash: string;
  working_hash_before_commit: string;
  commit_info: string;
}
interface Query {
  path: string;
  data: string;
  height: number;
  response_height: number;
  response_key: string;
  value: string | null;
  keypath: string;
  proof_ops: { type: string; key: string; data: string }[];
  proof_ops_bytes: string;
  app_hash: string;
  verifies: boolean;
  verify_error?: string;
  error?: string;
}
interface Vector {
  iavl_stores: string[];
  other_stores: Record<string, string>;
  initial_height?: number;
  upgrade_before_version?: number;
  upgrade?: { added: string[]; deleted: string[]; renamed: [string, string][] };
  versions: Version[];
  queries: Query[];
}

function storesBefore(vector: Vector): string[] {
  const first = vector.versions[0] as Version;
  return Object.keys(first.store_roots);
}

/** Protobuf of cosmos.store.v1beta1.CommitInfo, as the reference keeps it on disk. */
function commitInfo(db: MemoryDb, version: number, time: string): Bytes {
  const writer = new ProtoWriter().int64(1, version);
  for (const { name, hash } of hashedStores(readCommit(db, version))) {
    const id = new ProtoWriter().int64(1, version).bytes(2, hash).finish();
    writer.message(2, new ProtoWriter().string(1, name).message(2, id).finish());
  }
  const at = parseTime(time);
  const stamp = new ProtoWriter().int64(1, at.seconds).int64(2, at.nanos).finish();
  return writer.message(3, stamp).finish();
}

async function replay(vector: Vector): Promise<MultiStore> {
  const db = new MemoryDb();
  const plain = Object.keys(vector.other_stores);
  let options: MultiStoreOptions = { iavl: storesBefore(vector), plain };
  if (vector.initial_height) options = { ...options, initialVersion: vector.initial_height };
  let stores = MultiStore.open(db, options);
  for (const version of vector.versions) {
    if (version.version === vector.upgrade_before_version) {
      const upgrade = vector.upgrade!;
      stores = MultiStore.open(db, { iavl: vector.iavl_stores, plain, upgrade });
    }
    for (const [kind, name, key, value] of version.ops) {
      if (kind === 'set') stores.store(name).set(fromHex(key), fromHex(value!));
      else stores.store(name).delete(fromHex(key));
    }
    assert.equal(toHex(stores.workingHash()), version.working_hash_before_commit);
    assert.equal(toHex(await stores.commit()), version.app_hash);
    assert.equal(stores.version, version.version);
    const roots = hashedStores(readCommit(db, version.version));
    assert.deepEqual(
      Object.fromEntries(roots.map(({ name, hash }) => [name, toHex(hash)])),
      version.store_roots,
    );
    assert.equal(toHex(commitInfo(db, version.version, version.time)), version.commit_info);
  }
  await stores.verify();
  return MultiStore.open(db, { iavl: vector.iavl_stores, plain });
}

function checkFields(vector: Vector): void {
  const stores = 'iavl_stores other_stores initial_height upgrade_before_version upgrade';
  assertFields('a multi-store', vector, `${ABOUT} ${stores} versions queries`);
  const version = 'version time ops store_roots app_hash working_hash_before_commit commit_info';
  for (const each of vector.versions) assertFields('a version', each, version);
  const answer = 'response_height response_key value proof_ops proof_ops_bytes error';
  const verdict = 'app_hash keypath verifies verify_error';
  for (const query of vector.queries) {
    assertFields('a query', query, `path data height ${answer} ${verdict}`);
  }
}

function ask(stores: MultiStore, query: Query): StoreAnswer {
  const [, store, kind] = query.path.split('/') as [string, string, string];
  // The reference multi-store answers height 0 for the version before the newest; in an application
  // height 0 never gets there.
  const height = query.height === 0 ? stores.version - 1 : query.height;
  const key = fromHex(query.data);
  if (kind === 'subspace') return answerSubspace(stores, { store, key, height });
  return answerAt(stores, { store, key, height, prove: true });
}

function verify(answer: StoreAnswer, name: string, appHash: Bytes): void {
  const [first, second] = answer.proofOps.map((op) => decodeProof(op.data));
  const key = answer.key;
  const root = rootOfProof(first!);
  if (answer.value) verifyMembership(IAVL_SPEC, first!, { root, key, value: answer.value });
  else verifyNonMembership(IAVL_SPEC, first!, { root, key });
  const storeKey = new TextEncoder().encode(name);
  verifyMembership(TENDERMINT_SPEC, second!, { root: appHash, key: storeKey, value: root });
}

function proofOpsBytes(answer: StoreAnswer): string {
  const writer = new ProtoWriter();
  for (const op of answer.proofOps) {
    const bytes = new ProtoWriter().string(1, op.type).bytes(2, op.key).bytes(3, op.data).finish();
    writer.message(1, bytes);
  }
  return toHex(writer.finish());
}

/** The router of an application puts a slash in front of every path: nobody can ask for this one. */
const UNREACHABLE = 'bank/key';

/** What the reference calls its stores that are kept out of the app hash. */
const OTHER_KINDS = /type \*(transient|mem)\.Store/;

/** Asked as a client of the application asks; `height` 0 and heights pruned are its own matter. */
function askRefused(stores: MultiStore, query: Query): void {
  const request = { path: `/store${query.path}`, data: fromHex(query.data), prove: true };
  const deps = { registry: new Registry([]), stores, version: '', context: () => assert.fail() };
  const { log, code, proofOps } = answerQuery({ ...request, height: query.height }, deps);
  // A height of the future is refused before a store is asked, in words of its own.
  const words = query.height > stores.version ? /height in the future/ : undefined;
  const expected = String(query.error).replace(OTHER_KINDS, 'type plain');
  if (words) assert.match(log, words);
  else assert.equal(log, expected);
  assert.notEqual(code, 0);
  assert.deepEqual(proofOps, []);
}

function checkAnswer(answer: StoreAnswer, query: Query): void {
  assert.equal(answer.height, query.response_height);
  assert.equal(toHex(answer.key), query.response_key);
  assert.equal(answer.value ? toHex(answer.value) : null, query.value);
  if (query.path.endsWith('/subspace')) return;
  const ops = answer.proofOps.map(({ type, key, data }) => ({
    type,
    key: toHex(key),
    data: toHex(data),
  }));
  assert.deepEqual(ops, query.proof_ops);
  assert.equal(proofOpsBytes(answer), query.proof_ops_bytes);
  const name = query.path.split('/')[1]!;
  assert.equal(query.keypath, `/${name}/x:${query.data.toUpperCase()}`);
  const check = () => verify(answer, name, fromHex(query.app_hash));
  if (query.verifies) check();
  else assert.throws(check, /neither a left nor a right neighbour/);
  assert.equal(query.verify_error !== undefined, !query.verifies);
}

describe('the multi-store answers as the reference does', () => {
  for (const file of vectorFiles('rootmulti')) {
    it(file, async () => {
      const vector = readVector<Vector>(file);
      checkFields(vector);
      const stores = await replay(vector);
      for (const query of vector.queries) {
        if (query.path === UNREACHABLE) continue;
        if (query.error) askRefused(stores, query);
        else checkAnswer(ask(stores, query), query);
      }
    });
  }
});
